import pytest

from stages.quality import grel
from stages.quality.grel import Cell, Failure, GrelError
from stages.quality.java_regex import Pattern, PatternError, TooSlow


def result(source, value, facet=False, **cell):
    return grel.evaluate(grel.parse(source, facet), Cell(value, **cell))


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("value", "a", "a"),
        ("grel:value.trim()", "\u2003 a b\xa0\n", "a b"),
        ("value.strip()", " a ", "a"),
        ("value.toLowercase()", "ÄB", "äb"),
        ("value.toUppercase()", "straße", "STRASSE"),
        ("value.toTitlecase()", "the LLAMA-2 model.card\nfile", "The Llama-2 Model.Card\nFile"),
        ('value.replace("a.","b")', "a. ab", "b ab"),
        (r'value.replace(/(\w+)-(\d)/,"$1 $2")', "Llama-2", "Llama 2"),
        (r'value.replace(/a/i,"\\$")', "Aa", "$$"),
        (r"value.replace(/[\p{Zs}\s]+/,' ')", "a \u2003\n b", "a b"),
        ('value.replace("\\"","\\t")', 'a"', "a\t"),
        ('value.replaceChars("abc","xy")', "aabbcc!", "xxyy!"),
        ('value.chomp(".")', "a..", "a."),
        ("value.unescape('html')", "&lt;&eacute;&#65;&#x42;&amp;lt;", "<éAB&lt;"),
        ("value.unescape('html')", "&apos; &nosuch; &#xD800; &#0;", "&apos; &nosuch; &#xD800; &#0;"),
        ("value.fingerprint()", " École, ecole the ", "ecole the"),
        ("value.ngramFingerprint()", "hello", "ehlo"),
        ("value.ngramFingerprint(2)", "abc", "abbc"),
        ('"x: " + value + \'!\'', "a", "x: a!"),
        ('(value + "-").trim().chomp("-")', " a", "a"),
        ("null", "a", None),
        ('""', "a", ""),
        ('value.chomp("a")', None, None),
        ('value + "a"', None, None),
    ],
)  # fmt: skip
def test_an_expression_has_the_value_it_has_in_openrefine(source, value, expected):
    assert result(source, value) == expected


def test_facets_may_ask_for_marks_and_blanks():
    assert result("row.flagged", None, True, flagged=True) is True
    assert result("row.starred", None, True, flagged=True) is False
    assert result("isBlank(value)", "", True) is True
    assert result("isBlank(value.trim())", "a", True) is False


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("jython:return value", "jython"),
        ("clojure:value", "clojure"),
        ("value.reinterpret('utf-8')", "reinterpret is not on the white list"),
        ("cells['id'].value", "cells is not on the white list"),
        ("value.length() + 1", "length is not on the white list"),
        ("__import__('os')", "not on the white list"),
        ("value.__class__()", "not on the white list"),
        ("value.trim", "expected ("),
        ("value.trim() value", "expected the end"),
        ("value.trim(1)", "expected )"),
        ("value.replace('a')", "expected ,"),
        ("value.replace('a', /b/)", "expected value"),
        ("value[0]", "expected the end"),
        ("value - 1", "expected the end"),
        ("value + 1", "+ joins texts only"),
        ("'a", "expected value"),
        ("", "found the end"),
        ("trim(value)", "write value.trim"),
        ("value.unescape('url')", "html"),
        ("isBlank(value)", "facets only"),
        ("row.flagged", "facets only"),
        ("1", "facets only"),
        ("row.index", "row.index"),
        ("value.ngramFingerprint(0)", "another kind"),
        ("(" * 60 + "value" + ")" * 60, "too many brackets"),
        ("value" + "+''" * 300, "more than 200 functions"),
        ("'" + "a" * 3000 + "'", "at most"),
        (r"value.replace(/(a+)+/,'')", "for ever"),
    ],
)
def test_anything_else_is_an_error_that_says_what(source, why):
    with pytest.raises(GrelError, match=why.replace("(", r"\(").replace(")", r"\)").replace("+", r"\+")):
        grel.parse(source)


def test_a_blank_cell_has_no_trimmed_text():
    for source in ("value.trim()", 'value.replace("a","b")', "value.toLowercase()"):
        with pytest.raises(Failure):
            result(source, None)


def test_a_replacement_that_names_no_group_fails():
    with pytest.raises(Failure, match="lacks"):
        result('value.replace(/a/,"$1")', "a")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\bLlama\b", "Llama Llamas", "_ Llamas"),
        (r"\d{2,}", "1 22 ٣٣", "1 _ ٣٣"),  # ASCII, as in Java
        (r"\w", "aé", "_é"),
        (r".", "a\u2028", "_\u2028"),
        (r"a$", "a\r\n", "_\r\n"),
        (r"a$", "a\nb", "a\nb"),
        (r"[^a-c\-\]]", "abd-]", "ab_-]"),
        (r"[-a]", "a-b", "__b"),
        (r"[a~&|^]", "~~&^b", "____b"),
        (r"(?<![\w\/-])(?:ab|cd)(?!\w)", "ab /ab abc", "_ /ab abc"),
        (r"\u0041\x42", "AB", "_"),
        (r"a{2}?", "aaa", "_a"),
        (r"(?:ab)+", "abab", "_"),
        (r"x*", "b", "_b_"),
        (r"\w*?|(a|b)", "1", "_1_"),  # Python's own would find three
    ],
)
def test_a_pattern_means_what_it_means_in_java(pattern, text, expected):
    assert Pattern.parse(pattern).replace(text, "_") == expected


def test_case_is_ignored_for_ascii_only():
    assert Pattern.parse("É|a", ignore_case=True).replace("éA", "_") == "é_"


@pytest.mark.parametrize(
    "pattern",
    [
        "(a*)*", "(?:a|b)+", "(a?){2,}", "((a+)b){3}", "a**", "a*+", "a++", "*a", "{2}", "a{", "a{x}", "(a", "a)", "[a",
        "[]a]", "[^]a]", "[a[b]]", "[a&&b]", "[a-\\d]", "[\\d-a]", "[b-a]", "(?i)a", "(?<name>a)", "(?>a)", "\\1",
        "\\p{L}", "\\Qa\\E", "\\Aa", "\\h", "\\é", "a\\", "(?=a)*", "\\b*", "^*", "(?<=a+)b(?P=x)", "a" * 501,
    ],
)  # fmt: skip
def test_a_pattern_that_is_unsafe_or_another_one_in_python_is_refused(pattern):
    with pytest.raises(PatternError):
        Pattern.parse(pattern)


def test_a_group_that_took_no_part_is_empty_and_numbers_are_greedy():
    assert Pattern.parse("(a)|b").replace("ab", "<$1>") == "<a><>"
    assert Pattern.parse("(a)").replace("a", "$12") == "a2"
    for wrong in ("$", "$x", "\\", "${a}"):
        with pytest.raises(PatternError):
            Pattern.parse("a").replace("a", wrong)


def test_a_slow_pattern_is_stopped(monkeypatch):
    monkeypatch.setattr("stages.quality.java_regex.SECONDS", 0.2)
    pattern = Pattern.parse("a*" * 8 + "[bc][de]")
    text = "a" * 300 + "b"
    with pytest.raises(TooSlow, match="0.2 s"):
        pattern.replace(text, "")
    with pytest.raises(TooSlow):
        pattern.found(text)
