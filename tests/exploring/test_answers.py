"""The database answers as plain Python does, whatever the texts, the threads and the memory."""

import re
import tempfile
from collections import Counter
from pathlib import Path
from unicodedata import category

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.exploring import counting, duplicates, fields, ngrams, overlap, searching, tokenised, words
from stages.exploring.dataset import opened
from tests.exploring.files import asked, written

# Characters that all versions of Unicode know, with those whose lower case is no single character, and quotes.
TEXT = st.text(st.sampled_from("aAbB zZ09 .,-'\"\\\n\t İßΣςñé東дﬁ_%{}[]$"), max_size=40)
ROWS = st.lists(st.fixed_dictionaries({"t": TEXT}), min_size=1, max_size=30)


def spans(texts: list[str], size: int) -> list[tuple[int, tuple[str, ...]]]:
    split = [words.words(text) for text in texts]
    return [(n, tuple(some[i : i + size])) for n, some in enumerate(split) for i in range(len(some) - size + 1)]


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, size=st.integers(1, 4), least=st.booleans(), threads=st.sampled_from([1, 2]))
def test_ngrams_are_those_of_plain_python(rows, size, least, threads):
    texts = [row["t"] for row in rows]
    with tempfile.TemporaryDirectory() as folder, asked(Path(folder), rows, threads=threads) as dataset:
        found = ngrams.ngrams(dataset, "t", size, 5, least)
    every = spans(texts, size)
    times = Counter(gram for _, gram in every)
    in_rows = Counter(gram for _, gram in set(every))
    ordered = sorted(times, key=lambda gram: (times[gram] if least else -times[gram], [one.encode() for one in gram]))
    assert (found.total, found.distinct) == (len(every), len(times))
    assert found.shown == [(" ".join(gram), times[gram], in_rows[gram]) for gram in ordered[:5]]


def test_ngrams_of_very_many_words_are_the_same(tmp_path, monkeypatch):
    rows = [{"t": f"word{n % 7} of Ähre {n % 5}, {'İx' * (n % 2)}"} for n in range(50)]
    told = []
    for few in (tokenised.FEW, 0):  # as values of an enumeration, and as texts
        monkeypatch.setattr(tokenised, "FEW", few)
        with asked(tmp_path, rows) as dataset:
            told.append([ngrams.ngrams(dataset, "t", size, 9, least) for size in (1, 3) for least in (True, False)])
    assert told[0] == told[1] and told[0][0].distinct == 15


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, threads=st.sampled_from([1, 2]))
def test_counts_lengths_and_duplicates_are_those_of_plain_python(rows, threads):
    texts = [row["t"] for row in rows]
    split = [words.words(text) for text in texts]
    with tempfile.TemporaryDirectory() as folder, asked(Path(folder), rows, threads=threads) as dataset:
        (counted,) = counting.counts(dataset, ["t"])
        of_words, of_characters = counting.lengths(dataset, ["t"])
        exact, same_words = duplicates.duplicates(dataset, ["t"])
    assert (counted.rows, counted.distinct) == (len(texts), len(set(texts)))
    assert (counted.characters, counted.words) == (sum(map(len, texts)), sum(map(len, split)))
    for told, sizes in ((of_words, sorted(map(len, split))), (of_characters, sorted(map(len, texts)))):
        assert (told.least, told.most, told.rows) == (sizes[0], sizes[-1], len(sizes))
        assert told.quartiles[1] == sizes[(len(sizes) - 1) // 2] and sum(n for _, _, n in told.bins) == len(sizes)
    for told, keys in ((exact, texts), (same_words, [" ".join(some) for some in split])):
        groups = Counter(key for key, text in zip(keys, texts, strict=True) if text)
        more = {key: count for key, count in groups.items() if count > 1}
        assert (told.groups, told.surplus) == (len(more), sum(more.values()) - len(more))
        assert [count for _, count in told.largest] == sorted(more.values(), reverse=True)[:10]


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, wanted=st.text(st.sampled_from("aAbB.*'\"\\ é("), min_size=1, max_size=3), ignore=st.booleans())
def test_a_search_by_text_finds_what_plain_python_finds(rows, wanted, ignore):
    texts = [row["t"] for row in rows]
    with tempfile.TemporaryDirectory() as folder, asked(Path(folder), rows) as dataset:
        found = searching.search(dataset, "t", wanted, False, ignore, 3)
    pattern = re.compile(re.escape(wanted), re.IGNORECASE if ignore else 0)
    hits = [len(pattern.findall(text)) for text in texts]
    assert (found.rows, found.matches, found.of) == (sum(n > 0 for n in hits), sum(hits), len(texts))
    assert all(f"»{match}«" in one.text for one in found.shown for match in pattern.findall(one.text)[:1])


@settings(max_examples=40, deadline=None)
@given(ours=ROWS, theirs=ROWS, size=st.integers(1, 3))
def test_overlap_is_that_of_plain_python(ours, theirs, size):
    with tempfile.TemporaryDirectory() as folder:
        files = [written(Path(folder) / name, rows) for name, rows in (("a.jsonl", ours), ("b.jsonl", theirs))]
        with opened(files[:1]) as first, opened(files[1:]) as second:
            found = overlap.overlap(first, second, "t", "t", size)

    def grams(text: str) -> set[str]:
        some = words.words(text)
        if len(some) <= size:
            return {" ".join(some)} if some else set()
        return {" ".join(some[i : i + size]) for i in range(len(some) - size + 1)}

    a, b = [row["t"] for row in ours], [row["t"] for row in theirs]
    known, said = set().union(*map(grams, b)), [words.words(text) for text in b]
    assert found.exact == sum(text in b for text in a)
    assert found.normalised == sum(bool(words.words(text)) and words.words(text) in said for text in a)
    assert found.touched == sum(bool(grams(text) & known) for text in a)
    of_ours = set().union(*map(grams, a))
    assert (found.ngrams, found.shared_ngrams) == (len(of_ours), len(of_ours & known))


def test_of_a_long_text_what_is_around_the_match_is_shown(tmp_path):
    with asked(tmp_path, [{"t": "a " * 500 + "here" + " b" * 500}]) as dataset:
        (shown,) = searching.search(dataset, "t", "here", False, False, 1).shown
    assert "»here«" in shown.text and len(shown.text) < 320 and shown.text[0] == shown.text[-1] == "…"


def test_a_regular_expression_is_searched_and_each_match_marked(tmp_path):
    rows = [{"id": "x", "t": "Llama 2 has 7B, 13B and 70B."}, {"id": "y", "t": "none"}, {"t": None}]
    with asked(tmp_path, rows) as dataset:
        found = searching.search(dataset, "t", r"\d+B", True, False, 5)
    assert (found.rows, found.matches, found.of) == (1, 3, 3)
    assert [(one.id, one.text) for one in found.shown] == [("x", "Llama 2 has »7B«, »13B« and »70B«.")]


def test_a_word_is_the_same_in_the_database_and_outside(tmp_path):
    texts = ["İSTANBUL, ΟΔΟΣ & straße", "हिन्दी 東京 naïve x²", "a_b-c.d", ""]
    with asked(tmp_path, [{"t": text} for text in texts]) as dataset:
        told = dataset.ask(
            f"select json_extract_string(json, '$.t'), {words.sql('json_extract_string(json, $$$.t$$)')} from data"
        )
    assert {text: list(some) for text, some in told} == {text: words.words(text) for text in texts}
    assert words.words(texts[0]) == ["istanbul", "οδοσ", "straße"] and regex.compile(words.WORD)


def test_each_character_is_the_same_in_the_database_and_outside(tmp_path):
    known = [
        one for one in map(chr, [*range(0x3000), *range(0x3000, 0x30000, 37)]) if category(one) not in ("Cn", "Cs")
    ]
    with asked(tmp_path, [{"t": f"a{one}B"} for one in known]) as dataset:
        inner = f"select {fields.sql('t')} t from data"
        told = dataset.ask(f"select t, {words.sql('t')} from ({inner})")
    assert len(told) > 10_000 and all(list(some) == words.words(text) for text, some in told)


def test_of_a_long_text_the_part_around_its_first_match_is_shown(tmp_path):
    with asked(tmp_path, [{"t": "ab " * 9000 + "one needle here, one needle there " + "cd " * 9000}]) as dataset:
        found = searching.search(dataset, "t", "needle", False, False, 1)
    (shown,) = found.shown
    assert (found.rows, found.matches) == (1, 2) and len(shown.text) <= searching.LONGEST + 2
    assert "one »needle« here, one »needle« there cd" in shown.text and shown.text.startswith("…")
