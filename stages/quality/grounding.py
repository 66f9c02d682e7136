"""Does an answer stand on its evidence, and can a question stand alone? Rules on tokens, without a model."""

import re
import unicodedata
from collections.abc import Iterable, Iterator


def _words(text: str) -> list[str]:
    return text.split()


FUNCTION_WORDS = frozenset(
    _words(
        """
        a an the this that these those some any each every all both either neither no not nor and or but if then
        else than so as at by for from in into of off on onto out over per to under until up upon via with within
        without about above across after against along among around before behind below beneath beside besides
        between beyond despite down during except inside like near outside since through throughout toward towards
        is am are was were be been being do does did done doing have has had having can could may might must shall
        should will would ought need i me my mine we us our ours you your yours he him his she her hers it its they
        them their theirs myself yourself itself themselves what which who whom whose when where why how there here
        also just only very too more most much many few less least such same own other another again once please
        tell let get got one ones s t d ll m re ve don doesn didn isn aren wasn weren won while because though
        although whether however therefore thus hence yet still etc eg ie
        """
    )
)
NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        _words(
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
            "eighteen nineteen twenty"
        ),
        2,
    )
}
# Names everybody knows for a kind of thing: a question may use them although its fact does not.
COMMON_ACRONYMS = frozenset(_words("ai api cpu faq gpu id it llm ml ok os ram url"))

_UNITS = {
    "%": "percent", "percent": "percent", "k": "thousand", "thousand": "thousand", "m": "million",
    "million": "million", "millions": "million", "b": "billion", "bn": "billion", "billion": "billion",
    "billions": "billion", "t": "trillion", "trillion": "trillion", "trillions": "trillion", "hundred": "hundred",
    "kb": "kb", "kib": "kib", "mb": "mb", "mib": "mib", "gb": "gb", "gib": "gib", "tb": "tb", "tib": "tib",
    "s": "second", "sec": "second", "second": "second", "seconds": "second", "ms": "millisecond", "min": "minute",
    "minute": "minute", "minutes": "minute", "h": "hour", "hour": "hour", "hours": "hour", "day": "day", "days": "day",
    "week": "week", "weeks": "week", "month": "month", "months": "month", "year": "year", "years": "year",
    "bit": "bit", "bits": "bit", "byte": "byte", "bytes": "byte", "hz": "hz", "ghz": "ghz", "mhz": "mhz",
    "usd": "usd", "dollars": "usd", "$": "usd", "eur": "eur", "euros": "eur", "€": "eur", "£": "gbp",
}  # fmt: skip

_URL = re.compile(r"(?:https?|ftp|s3|gs)://[^\s<>\"'`)\]}]+|www\.[^\s<>\"'`)\]}]+", re.I)
_FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
# An identifier has an inner underscore, dot, slash or camel hump, or a digit within a hyphenated name.
_IDENTIFIER = re.compile(
    r"(?<![\w-])(?:[~.]{0,2}/)?"
    r"(?:\w+(?:[/.:@-]+\w+)*_+\w*(?:[/.:@_-]+\w+)*|[^\W\d_]\w*(?:\.[^\W\d_]\w*)+|\w+(?:[./-]+\w+){2,}|\w+/[\w.-]*[._\d][\w.-]*\w"
    r"|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[^\W\d_]\w*-\w*\d\w*(?:-\w+)*|/\w+(?:/[\w.-]*\w)*)"
)
_NUMBER = re.compile(r"(?<![\w.])([$€£]?)\s?(\d+(?:[.,]\d+)*)(?:(%)|([^\W\d_]+)?)(?![\w])")
_LETTERS_NUMBER = re.compile(r"(?<!\w)[^\W\d_]+\d[\w]*(?:\.\d+)*")  # A100, v2.1, llama2
_NAME_NUMBER = re.compile(
    r"(?<![\w/.-])([A-Z][\w+]*)[ -](v?\d+(?:\.\d+)*)"
    r"(?![\w%,]|\.\d|\s?(?:%|percent|(?i:[kmgt]i?b\b)|[mbt]r?illion))"
)
_WORD = re.compile(r"[^\W\d_]\+\+|[^\W\d_]#|\d+(?:[.,]\d+)*[^\W\d_]*|[^\W_]+(?:['’][^\W\d_]+)?")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_SENTENCE_END = re.compile(r"[.!?:;\n]\s*[\"'“(\[]?\s*$|^\s*(?:[-*]|\d+\.)?\s*[\"'“(\[]?\s*$|\n\s*(?:[-*]|\d+\.)\s*$")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; numbers without thousands commas, unspaced scripts as bigrams."""
    found: list[str] = []
    for match in _WORD.finditer(_plain(text)):
        word = match.group().casefold()
        if word[0].isdigit():
            word = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", word)
        elif _UNSPACED.search(word):
            for run in re.findall(rf"{_UNSPACED.pattern}|[^\W_]", word) if not _UNSPACED.fullmatch(word) else [word]:
                found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
            continue
        else:
            word = re.sub(r"'(?:s|d|ll|m|re|ve)$", "", word)
            word = re.sub(r"n't$", "", word)
        found.append(word)
    return found


def content_tokens(text: str) -> list[str]:
    """Return the words of a text that carry meaning: no articles, auxiliaries, pronouns, question words."""
    return [word for word in words(text) if word not in FUNCTION_WORDS]


def stem(word: str) -> str:
    """Return a crude stem, so that `tune`, `tuned` and `tuning` meet; for comparing only, never for showing."""
    if not word.isalpha() or not word.isascii() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    else:
        for suffix in ("ings", "ing", "ed", "es", "s", "d"):
            if suffix == "s" and word.endswith(("ss", "us", "is")) or suffix == "d" and not word.endswith("ed"):
                continue
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                word = word[: -len(suffix)]
                break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


def stems(text: str) -> set[str]:
    """Return the stems of a text's content tokens."""
    return {stem(token) for token in content_tokens(text)}


def coverage(answer: str, evidence: str) -> float:
    """Return the share of the answer's content tokens that the evidence holds; 1.0 for an answer without any."""
    tokens = content_tokens(answer)
    if not tokens:
        return 1.0
    known = {stem(word) for word in words(evidence)}
    return sum(stem(token) in known for token in tokens) / len(tokens)


def urls(text: str) -> list[str]:
    """Return the URLs of a text, without the punctuation that follows them."""
    return [url.rstrip(".,;:!?*_/") for url in _URL.findall(text)]


def _numbers(text: str) -> Iterator[tuple[str, str, set[tuple[str, str]]]]:
    """Yield (as written, value, readings), where a reading is (value, unit); `7 to 13 GB` lends 7 its unit."""
    matches = list(_NUMBER.finditer(text))
    spoken = [m for m in re.finditer(r"[^\W\d_]+", text) if m.group().casefold() in NUMBER_WORDS]
    following = ""
    readings: list[tuple[int, str, str, set[tuple[str, str]]]] = []
    for index in range(len(matches) - 1, -1, -1):
        match = matches[index]
        currency, value, percent, attached = match.groups()
        value = re.sub(r",(?=\d{3}(?!\d))", "", value)
        unit, shown, end = "", match.group().strip(), match.end()
        if currency or percent:
            unit = _UNITS[currency or percent]
        elif attached:
            unit = _UNITS.get(attached.casefold(), attached.casefold())
        if not unit or currency:  # "$5 million" and "5 million" are told apart by the value's own unit
            after = re.match(r"[\s-]*([^\W\d_]+|%)", text[end:])
            word = after.group(1).casefold() if after else ""
            if word in _UNITS and len(word) > 1 or word == "%":
                unit = _UNITS[word] if not currency else f"{unit} {_UNITS[word]}"
                shown += after.group() if after else ""
        own = {(value, unit)}
        if not unit and index + 1 < len(matches):
            between = text[end : matches[index + 1].start()]
            if re.fullmatch(r"\s*(?:,|to|and|or|-|–|/|,\s*(?:and|or))\s*", between) and following:
                own.add((value, following))
                unit = following
        following = unit
        readings.append((match.start(), shown, value, own))
    for match in spoken:
        value = NUMBER_WORDS[match.group().casefold()]
        after = re.match(r"[\s-]*([^\W\d_]+)", text[match.end() :])
        word = after.group(1).casefold() if after else ""
        unit = _UNITS[word] if word in _UNITS and len(word) > 1 else ""
        readings.append((match.start(), match.group(), value, {(value, unit)}))
    for _, shown, value, own in sorted(readings, key=lambda reading: reading[0]):
        yield shown, value, own


def identifiers(text: str) -> list[str]:
    """Return the file names, paths, dotted and underscored names of a text."""
    found = []
    for match in _IDENTIFIER.finditer(text):
        name = match.group().rstrip(".:-/@")
        prose = re.fullmatch(r"[a-z]+(?:[/-][a-z]+)+", name) or re.fullmatch(r"[A-Z]?[a-z]+(?:-[a-z]+)+", name)
        if name and not prose and name not in ("e.g", "i.e", "a.m", "p.m"):
            found.append(name)
    return found


def _has(identifier: str, text: str) -> bool:
    """Tell whether the text holds the identifier as a whole, not as a part of a longer one."""
    shape = r"[\s-]+".join(re.escape(part) for part in identifier.split("-") if part)
    if "-" not in identifier or not re.search(r"\d", identifier):
        shape = re.escape(identifier)
    return re.search(rf"(?<![\w/-]){shape}(?![\w-]|[./]\w)|(?<=/){shape}(?![\w-]|[./]\w)", text) is not None


def names(text: str) -> list[str]:
    """Return the names of a text: capitalised words with their numbers, acronyms; not a sentence's first word alone."""
    found: list[str] = []
    shape = r"[^\W\d_]*[A-Z][\w+#]*(?:['’]s)?"
    for match in re.finditer(rf"(?<![\w./_-]){shape}(?:[ -](?:{shape}|v?\d+(?:\.\d+)*[A-Za-z]?)(?!\w))*", text):
        run = re.sub(r"['’]s$", "", match.group())
        parts = re.split(r"[ -]", run)
        if _SENTENCE_END.search(text[: match.start()]) and not _named(parts[0]):
            rest = parts[1:]
            verb = re.match(r"\s+(?:is|are|was|were|has|can|does|will)\b", text[match.end() :])
            if parts[0].casefold() in FUNCTION_WORDS or parts[0].casefold() in OPENERS:
                parts = rest  # "Does Meta ..." names Meta
            elif not rest and not (verb and not re.search(r"(?:ing|tion|sion|ment|ness|ity|s)$", parts[0])):
                parts = []
        parts = [part for part in parts if part]
        while parts and parts[0].casefold() in FUNCTION_WORDS | OPENERS and not parts[0].isupper():
            parts = parts[1:]
        if parts and parts != ["I"]:
            found.append(" ".join(parts))
    return found


def _named(word: str) -> bool:
    """Tell whether a word is a name by its shape alone: an acronym, a camel hump, a digit."""
    return sum(letter.isupper() for letter in word) > 1 or any(letter.isdigit() for letter in word)


def unsupported(answer: str, evidence: str) -> list[str]:
    """Return the numbers (with unit), flags, URLs, identifiers and names of the answer that the evidence lacks."""
    answer, evidence = _plain(answer), _plain(evidence)
    missing: list[str] = []
    known_urls = set(urls(evidence))
    missing += [url for url in urls(answer) if url not in known_urls]
    left, right = _URL.sub(" ", answer), _URL.sub(" ", evidence)
    known_flags = set(_FLAG.findall(right))
    missing += [flag for flag in _FLAG.findall(left) if flag not in known_flags]
    left, right = _FLAG.sub(" ", left), _FLAG.sub(" ", right)
    joined = re.sub(r"[\s-]+", "", right).casefold()
    known_words = {stem(word) for word in words(evidence)} | {word.casefold() for word in re.findall(r"\w+", evidence)}
    known_identifiers = set(identifiers(right)) | {flag.lstrip("-") for flag in known_flags}
    missing += [name for name in identifiers(left) if name not in known_identifiers and not _has(name, evidence)]
    # The 2 of "Llama 2" is no quantity: it goes with its name, on both sides.
    readings = {reading for _, _, own in _numbers(_without_name_numbers(right)) for reading in own}
    for match in _NAME_NUMBER.finditer(left):
        if match.group(1).casefold() in FUNCTION_WORDS:
            continue
        name, number = re.escape(match.group(1).casefold()), re.escape(match.group(2).casefold())
        if not re.search(rf"{name}[\s_-]*(?:v?\d[\d.]*\D{{1,5}})?{number}(?!\d|\.\d)", right.casefold()):
            missing.append(match.group())
    for shown, _, own in _numbers(_without_name_numbers(left)):
        if not own & readings:
            missing.append(shown)
    for match in _LETTERS_NUMBER.finditer(left):
        name = match.group()
        if name.casefold() not in known_words and name.casefold() not in joined:
            missing.append(name)
    for name in names(left):
        lacking = [part for part in re.split(r"[ -]", name) if not part[0].isdigit() and not _known(part, known_words)]
        missing += [" ".join(lacking)] if lacking else []
    seen: set[str] = set()
    return [thing for thing in missing if not (thing in seen or seen.add(thing))]  # type: ignore[func-returns-value]


def _without_name_numbers(text: str) -> str:
    return _NAME_NUMBER.sub(lambda m: m.group() if m.group(1).casefold() in FUNCTION_WORDS else " ", text)


def _known(word: str, known: set[str]) -> bool:
    parts = words(word)
    return all(part in known or stem(part) in known for part in parts)


def foreign(question: str, known: str) -> list[str]:
    """Return the names, numbers and identifiers of a question that the known text lacks; see `unsupported`."""
    return [name for name in unsupported(question, known) if stem(name.casefold()) not in COMMON_ACRONYMS]


# ---------------------------------------------------------------------------------------------- questions

_INTERROGATIVES = _words("what which who whom whose when where why how")
_AUXILIARIES = _words(
    "is are was were am do does did can could may might must shall should will would has have had "
    "isn't aren't doesn't don't didn't can't couldn't won't wouldn't shouldn't hasn't haven't what's who's "
    "where's how's"
)
_IMPERATIVES = _words(
    "explain name describe list give tell define summarise summarize compare outline state identify show mention "
    "specify provide suggest discuss"
)
_PREPOSITIONS = _words(
    "in on for with from to at by under of through via about after before during against within into up"
)
OPENERS = frozenset(_INTERROGATIVES + _AUXILIARIES + _IMPERATIVES + _PREPOSITIONS + ["if", "while", "given", "using"])
_LABEL = re.compile(
    r"\b(?:answer|question|topic|fact|context|passage|statement|note|q|a)\s*\d*\s*:|```|<\||###|\[/?INST", re.I
)


def is_question(text: str) -> bool:
    """Tell whether a text is one well-formed question: 3 to 30 words, one question mark, at its end."""
    text = _plain(text).strip()
    if not text.endswith("?") or text.count("?") != 1 or "\n" in text or "\r" in text:
        return False
    if _LABEL.search(text) or re.match(r"(?:[-*•#>]|\(?\d+[.)]|[a-zA-Z][.)])\s", text):
        return False
    tokens = re.findall(r"[\w'+#./-]*\w[\w'+#%-]*", text.casefold())
    if not 3 <= len(tokens) <= 30 or _repeats(tokens):
        return False
    if tokens[0] in _INTERROGATIVES or tokens[0] in _AUXILIARIES or tokens[0] in _IMPERATIVES:
        return True
    if tokens[0] in _PREPOSITIONS and any(token in [*_INTERROGATIVES[:5], "how"] for token in tokens[1:4]):
        return True
    # "If I have one GPU, which model can I tune?": the clause after a comma asks.
    clauses = [clause.split() for clause in text.casefold().split(",")[1:]]
    return any(clause and clause[0] in _INTERROGATIVES + _AUXILIARIES for clause in clauses)


def is_yes_no(question: str) -> bool:
    """Tell whether a question asks for yes or no."""
    return bool(words(question)) and question.split()[0].casefold() in _AUXILIARIES


def drift(question: str, known: str) -> float:
    """Return the share of a question's content words that the known text lacks; 0.0 for a question without any."""
    asked = stems(question)
    return len(asked - stems(known)) / len(asked) if asked else 0.0


def _repeats(tokens: list[str]) -> bool:
    """Tell whether a small model got stuck: a word thrice as content, or three words in a row twice."""
    triples = list(zip(tokens, tokens[1:], tokens[2:], strict=False))
    content = [token for token in tokens if token not in FUNCTION_WORDS]
    doubled = any(first == second for first, second in zip(tokens, tokens[1:], strict=False))
    return doubled or len(set(triples)) < len(triples) or any(content.count(token) > 2 for token in set(content))


_POINTERS = r"(?:the|this|that|these|those|your|our|its|given|provided|above|following|preceding|previous|attached)"
_TEXT_NOUNS = (
    r"(?:passages?|paragraphs?|excerpts?|snippets?|sentences?|chapters?|articles?|sections?|extracts?|sub-?sections?)"
)
_LOOSE_NOUNS = (
    r"(?:texts?|documents?|authors?|writers?|speakers?|tables?|figures?|examples?|pages?|images?|pictures?|diagrams?|lists?|"
    r"code|guides?|statements?|topics?|information|quotes?|answers?|questions?|notes?|appendix|footnotes?|readme)"
)
_QUALIFIED = r"(?=\s+(?:of|for|that|which|called|named|titled|in|from|about|on|to|with|by|between)\s+\w)"
# What follows a noun that stands alone: the end, a function word, or a verb of saying. Any other word makes a compound
# ("the text generator", "the example script").
_SAYING = (
    r"(?:say|says|said|state|states|stated|mention|mentions|mentioned|describe|describes|described|suggest|suggests|"
    r"explain|explains|discuss|discusses|refer|refers|mean|means|give|gives|given|provide|provides|provided|recommend|"
    r"recommends|show|shows|tell|tells|include|includes|contain|contains|list|lists|use|uses|used|claim|claims|imply|"
    r"implies|note|notes|talk|talks|call|calls|speak|argue|argues|want|wants|think|thinks|about)"
)
_SMALL_WORDS = "|".join(sorted(FUNCTION_WORDS - {"of", "for", "which", "that"}))
_ALONE = rf"(?=(?:'s)?\s*(?:[?,.;:!)]|$)|'s\b|\s+(?:{_SAYING}|{_SMALL_WORDS})\b)"
_ALWAYS = [
    re.compile(rf"\b{_POINTERS}\s+(?:\w+\s+)?{_TEXT_NOUNS}\b", re.I),
    re.compile(rf"\b(?:this|that|these|those|given|provided|above|following|preceding|attached)\s+{_LOOSE_NOUNS}\b",
               re.I),
    re.compile(rf"\b(?:the|your|our)\s+(?:\w+\s+)?{_LOOSE_NOUNS}\b(?!{_QUALIFIED}){_ALONE}", re.I),
    re.compile(r"\b(?:the\s+following|the\s+above|the\s+latter|the\s+former|the\s+below)\b", re.I),
    re.compile(r"\b(?:mentioned|described|discussed|listed|shown|stated|given|seen|referenced|outlined|noted)\s+"
               r"(?:above|below|here|earlier|previously|before)\b", re.I),
    re.compile(r"\b(?:mentioned|discussed|listed|referenced)\s*\?*\s*$", re.I),
    re.compile(r"\b(?:this|provided|given)\s+context\b|\b(?:according\s+to|based\s+on|from)\s+the\s+context\b", re.I),
    re.compile(r"\babove\s*\?*\s*$|\bbelow\s*\?*\s*$", re.I),
    re.compile(r"\b(?:we|our|ours|us)\b"),
    re.compile(r"\b(?:We|Our)\b"),
]  # fmt: skip
_EXPLETIVE = re.compile(
    r"\bit\s+(?:take|takes|took|cost|costs|mean|means|make\s+sense|possible|necessary|required|allowed|safe|recommended|best|"
    r"better|important|advisable|legal|permitted|permissible|okay|ok|true|useful|worth|common|easy|hard|difficult|still)\b",
    re.I,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|themselves|he|she|him|his|her|this|these|those|such)\b", re.I
)
_GENERIC_NOUNS = (
    r"(?:models?|company|compan(?:y|ies)|team|project|repository|repo|script|tool|program|system|organi[sz]ation|paper|study|"
    r"researchers?|developers?|dataset|library|framework|product|method|approach|technique|process|option|options|command|"
    r"file|folder|directory|function|parameter|argument|flag|licen[cs]e|agreement|platform|feature|service|website|link)"
)
_DETERMINED = re.compile(
    r"\b(?:a|an|the|each|every|any|no|some|all|your|of|if|when|while|for|with|using|on|in|from|by|to)\s+(?!it\b|its\b|they\b)"
    r"([^\W\d_][\w-]+)", re.I,
)  # fmt: skip
_WH_PHRASE = re.compile(
    rf"\s*(?:(?:{'|'.join(_PREPOSITIONS)})\s+)?(?:what|which|how|why|when|where|who|whom|whose)\b(?:\s+[\w-]+){{0,4}}?\s+"
    r"(?:do|does|did|is|are|was|were|can|could|will|would|should|has|have|had|may|might|must)\s*", re.I,
)  # fmt: skip


def dangling(question: str) -> list[str]:
    """Return the words of a question that point at something it does not hold: `the passage`, `it`, `this model`."""
    question = _plain(question)
    found = [match.group() for pattern in _ALWAYS for match in pattern.finditer(question)]
    spared = [match.span() for match in _EXPLETIVE.finditer(question)]
    for match in _PRONOUN.finditer(question):
        word, before = match.group(), question[: match.start()]
        after = question[match.end() :]
        if word.isupper() or any(start <= match.start() < end for start, end in spared):
            continue  # IT is a department
        if re.match(r"(?:those\s+(?:who|that|with)|such\s+as|these\s+days)\b", match.group() + after, re.I):
            continue
        noun = re.match(r"\s+[\w-]+", after) if word.casefold() in ("this", "these", "those", "such") else None
        if noun:  # "this model" stands for a model that was named, or for a name
            known = bool(stems(noun.group()) & stems(before)) or _has_name(before)
        else:
            known = _antecedent(before, plural=word.casefold() in ("they", "them", "their", "theirs", "themselves"))
        if not known:
            found.append(word + (noun.group() if noun else ""))
    named = _has_name(question)
    superlative = r"(?:(?:largest|smallest|biggest|newest|latest|original|new|final)\s+)?"
    for match in re.finditer(rf"\b(?:the|your)\s+{superlative}{_GENERIC_NOUNS}\b", question, re.I):
        rest = question[match.end() :]
        apart = re.match(r"\s+(?:of|for|that|which|called|named|to|in|from|with|behind)\s+\w", rest)
        compound = re.match(r"\s+([a-z][\w-]{3,})", rest)
        is_model = re.search(r"models?$", match.group(), re.I) is not None
        if named or apart or (compound and not is_model and compound.group(1) not in FUNCTION_WORDS):
            continue
        if not is_model and len(content_tokens(question)) > 4:
            continue  # "Which file stores the process settings of ..." says enough; only a bare noun is lost
        found.append(match.group())
    seen: set[str] = set()
    return [word for word in found if not (word.casefold() in seen or seen.add(word.casefold()))]  # type: ignore[func-returns-value]


def _has_name(text: str) -> bool:
    return bool(names(text) or identifiers(text) or re.search(r"\d", text) or _FLAG.search(text))


def _antecedent(before: str, plural: bool) -> bool:
    """Tell whether the words before a pronoun hold something it can stand for."""
    # In "the purpose of it" and "the difference between them" the purpose is not what is meant.
    before = re.sub(r"\bthe(?:\s+[\w-]+){1,2}\s+(?:of|between|for|in|to|about|behind|with|by)\s*$", "", before)
    if not before.strip() or _WH_PHRASE.fullmatch(before) or set(words(before)) <= FUNCTION_WORDS:
        return False
    if _has_name(before):
        return True
    tokens = words(before)
    if plural and any(re.search(r"(?<![sui])s$", t) and t not in FUNCTION_WORDS for t in tokens):
        return True
    return any(match.group(1).casefold() not in FUNCTION_WORDS for match in _DETERMINED.finditer(before))


def keys(text: str) -> list[str]:
    """Return what a text says that could not be guessed: numbers with unit, flags, URLs, identifiers, names."""
    text = _plain(text)
    found = urls(text)
    text = _URL.sub(" ", text)
    found += _FLAG.findall(text)
    text = _FLAG.sub(" ", text)
    found += identifiers(text)
    for identifier in identifiers(text):
        text = text.replace(identifier, " ")
    listed = names(text)
    for name in listed:
        text = text.replace(name, " ", 1)
    found += listed
    found += [shown for shown, _, _ in _numbers(text) if shown.casefold() not in NUMBER_WORDS]
    return list(dict.fromkeys(found))


def gives_away(question: str, answer: str, topic: str = "") -> float:
    """Return the share of what distinguishes the answer that the question holds; 1.0: nothing is left to answer.

    Keys (numbers, names, flags ...) and plain content words that the topic does not name count. An answer whose one
    missing word is a key ("Which flag turns on ...?") still says something, so the smaller of two shares counts.
    """
    held, given = {stem(w) for w in words(question)}, {stem(w) for w in words(topic)}
    rest = [token for token in sorted(stems(answer)) if token not in given]
    listed = [key for key in keys(answer) if {stem(w) for w in words(key)} - given]
    shares = [_share(token in held for token in rest)] if rest else []
    if listed:
        shares.append(_share({stem(w) for w in words(key)} <= held for key in listed))
    return min(shares, default=1.0)


def _share(truths: Iterable[bool]) -> float:
    values = list(truths)
    return sum(values) / len(values)
