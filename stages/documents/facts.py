"""Which sentences of a chunk are facts: verbatim, and understood without the text before them.

These rules decide what the model is taught, so they are strict: a sentence that leans on its neighbours ("it", "this
model", "the table above") is no fact, however true. They know English only; of a text in another language only the
rules on length, form and structure are applied.
"""

import bisect
import re
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from stages.documents import chunker, sentences
from stages.records import Chunk, Document, Fact


class Dropped(msgspec.Struct):
    """A candidate that is no fact, with the reason and what gave it away."""

    fact: Fact
    reason: str
    value: float | str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """A stretch of a text that might be a fact: text[start:end]."""

    kind: str  # paragraph, list, table, code
    start: int
    end: int
    hangs: bool = False  # a list item that means the contrary without the words before the list


def extract(
    document: Document,
    chunks: list[Chunk],
    seen: Counter[tuple[str, ...]] | None = None,
    min_words: int = 6,
    max_words: int = 40,
) -> tuple[list[Fact], list[Dropped]]:
    """Return the facts of a document and what was dropped.

    Args:
        document: where to look. A language other than English switches off the rules that know English only.
        chunks: the chunks of the document.
        seen: how often each (source, topic, quote) was met, for a number on the ids of equal quotes.
        min_words: least words of a fact.
        max_words: most words of a fact.
    """
    seen = Counter() if seen is None else seen
    english = (document.language or "en").lower().startswith("en")
    ends = [chunk.span[1] for chunk in chunks]
    kept: list[Fact] = []
    dropped: list[Dropped] = []
    for section in document.sections:
        topic = chunker.topic(document, section)
        for candidate in candidates(section.text):
            quote = section.text[candidate.start : candidate.end]
            start, end = section.span[0] + candidate.start, section.span[0] + candidate.end
            fact = Fact(
                id=chunker.numbered(seen, (document.source, topic, quote), document.source, topic, quote),
                chunk=chunks[bisect.bisect_right(ends, start)].id,
                document=document.id,
                source=document.source,
                topic=topic,
                quote=quote,
                span=(start, end),
                concepts=[] if candidate.kind in ("code", "table") else concepts(quote, topic),
            )
            verdict = judge(quote, candidate.kind, bool(fact.concepts), min_words, max_words, english)
            if verdict is None and candidate.hangs and english:
                verdict = "dangling", "list under a negation"
            if verdict is None:
                kept.append(fact)
            else:
                dropped.append(Dropped(fact, *verdict))
    return kept, dropped


_NEGATIVE_LEAD = re.compile(
    r"(?i)\b(?:not|n't|never|cannot|prohibit(?:s|ed)?|forbid(?:s|den)?|avoid|without|except|unless|wrong|ban(?:s|ned)?|"
    r"violat(?:es?|ions?)|instead of|mistakes?|deprecated|removed)\b[^.]*:$"
)


def candidates(text: str) -> Iterator[Candidate]:
    """Yield every sentence and list item, and every table row and code block, of a section's text."""
    hangs = False
    for block in chunker.blocks(text):
        if block.kind == "code":
            yield Candidate("code", block.start, block.end)
        elif block.kind == "table":
            for start, end, head in chunker.rows(text, block):
                if not head:
                    yield Candidate("table", start, end)
        elif block.kind == "list":
            for _, start, end in chunker.items(text, block):
                yield from _sentences(text, start, end, "list", hangs)
        else:
            hangs = _NEGATIVE_LEAD.search(text[block.start : block.end]) is not None
            yield from _sentences(text, block.start, block.end, "paragraph")


def _sentences(text: str, start: int, end: int, kind: str, hangs: bool = False) -> Iterator[Candidate]:
    for low, high in sentences.spans(text[start:end]):
        sentence = text[start + low : start + high]
        yield Candidate(kind, start + low + _lead(sentence), start + high, hangs)


# A label or a connective before a sentence that is whole without it: "Note: Llama 2 ...", "However, FSDP ..."
_LEAD = re.compile(
    r"(?:(?:(?:important |please )?note|important|tip|warning|caution|attention|hint|remark|info|update|status|"
    r"(?!(?:The|An?|If|When|To|For|In) )[A-Z][\w-]*(?: [\w-]+){0,2}(?<=[a-z])):|(?i:please note that|note that|"
    r"however|moreover|furthermore|additionally|in addition|"
    r"also|finally|lastly|besides|similarly|likewise|nevertheless|in general|in particular|as of now|for example|"
    r"for instance|in fact),?)\s+(?=[A-Z\d])"
)


def _lead(sentence: str) -> int:
    match = _LEAD.match(sentence)
    if not match:
        return 0
    label = match[0].rstrip().endswith(":")
    # behind a label stands a sentence of its own or the rest of a definition ("TGI: Text Generation Inference")
    return match.end() if not label or _has_verb(sentence[match.end() :], strict=True) else 0


# --- words --------------------------------------------------------------------------------------------------------

_FINITE = frozenset(
    "is are was were has have had do does did can could will would may might must should shall cannot can't isn't "
    "aren't "
    "doesn't don't won't wasn't weren't hasn't haven't didn't ran took wrote gave made came went became kept began "
    "left "
    "built found held led lost met paid sent showed stood told thought won grew saw got brought fell rose drew "
    "chose".split()
)
_STEMS = frozenset(
    """
    accept access account achieve act activate adapt add address adjust affect aggregate agree aid aim align
    allocate allow answer appear append apply approve argue arrive ask assess assign assist assume attach attain
    attempt attend avoid balance ban base batch beat become begin behave belong benefit bind boost break bring build
    bundle buy cache calculate call cancel cap capture carry catch cause change charge check choose cite claim
    classify clean clear click clip clone close collapse collect combine come communicate compare compile complete
    comply compose compress comprise compute concatenate concern conduct configure confirm confuse connect consider
    consist constitute consume contact contain content continue contract contribute control convert convey copy
    correct correspond cost count cover crash create curate cut deal decide declare decline decode decrease deem
    define delete deliver demand demonstrate depend deploy derive describe design detect determine develop dictate
    differ disable discard disclose display distribute divide download draw drive drop earn edit eliminate embed
    emerge employ empower enable encode encompass encounter encourage end enforce engage enhance enrol enroll ensure
    entail enter equal escape establish estimate evaluate evolve exceed execute exempt exist exit expand expect
    experience explain explore export expose express extend extract fail fall favor favour fetch fill filter find
    finish fit fix flag focus follow forbid force format forward foster free freeze gather generalize generate get
    give go govern grade grant group grow guard guide handle hang happen harm help hide hinder hold host identify
    ignore illustrate implement imply import improve include incorporate increase indicate infer influence inform
    inherit initialise initialize inject insert inspect install integrate intend interact introduce invite involve
    issue join keep know lack launch lead learn leave lend let leverage license lie limit link list listen live load
    locate log look lose lower maintain make manage map mark mask match matter maximize mean measure merge minimize
    mirror miss mitigate mix modify monitor move multiply name need note notice obtain occupy occur offer offload
    offset open operate optimise optimize order organise organize outline outperform output overlap override oversee
    owe own pack pad pair parse pass pay perform permit persist pick place plan point pose possess post practice
    predict prefer prepare present preserve prevent print prioritize process produce prohibit project promote prompt
    propose protect prove provide publish pull purge pursue push put quantise quantize quit quote raise randomize
    range rank reach react read receive recognise recognize recommend record reduce refer reflect refuse register
    reject relate release rely remain remember remove rename render repeat replace reply report represent reproduce
    request require reserve reset reside resolve respect respond restart restore restrict result retain return reuse
    reveal review rewrite rise run sample sanitise sanitize save say scale scan schedule score search see seek
    select sell send separate serve set settle shape shard share shift ship show shuffle shut sign signal simplify
    skip slow solve sort span specialise specialize specify speed split stand start state stay steer stem step stop
    store stream strengthen strip strive submit sue suffer suggest suit sum summarise summarize supply support
    surpass suspend sustain switch sync synchronize take target teach tell tend terminate test tie tokenise tokenize
    total touch track train transfer transform translate treat trigger trim truncate try tune turn type undergo
    underlie understand unlock unpack update upgrade upload use utilise utilize validate vary verify violate visit
    wait walk want warn weaken weigh wish work wrap write yield
    """.split()
)

# --- rules ---------------------------------------------------------------------------------------------------------

Verdict = tuple[str, float | str | None]


def judge(
    quote: str, kind: str, has_concept: bool, min_words: int = 6, max_words: int = 40, english: bool = True
) -> Verdict | None:
    """Return why a candidate is no fact, as (reason, value), or None if it is one."""
    if kind == "code":
        return "code", None
    if kind == "table":
        return "table_row", None
    words = quote.split()
    rules: list[Callable[[str, str], Verdict | None]] = [_question]
    if english:
        rules += [_no_content, _heading_like, _dangling, _fragment]
    else:
        rules += [_heading_like]
    if len(words) < min_words:
        return "too_short", len(words)
    if len(words) > max_words:
        return "too_long", len(words)
    for rule in rules:
        verdict = rule(quote, kind)
        if verdict:
            return verdict
    return None if has_concept else ("no_concept", None)


_CLOSED = re.compile(r"[.!…。！][\"'”’»)\]]*$")


def _question(quote: str, kind: str) -> Verdict | None:
    asks = re.match(r"(?i)(?:how|what|why|which|who|where)\b", quote) and not _CLOSED.search(quote)
    return ("question", None) if asks or re.search(r"[?？][\"'”’»)\]]*$", quote) else None


_NO_CONTENT = re.compile(
    r"click (?:here|on|the (?:link|button))|all rights reserved|\bcopyright\b (?:\(c\)|©|\d{4})|"
    r"for (?:more|further|additional) (?:\w+ )?(?:information|details|info|background|examples)|"
    r"^(?:\w+ ){0,2}(?:more|further|additional) (?:\w+ )?(?:details?|information|background|examples|instructions?) "
    r"(?:\w+ )?(?:is|are|can|about|on)\b|(?:find|found|get) (?:more|further|additional)|"
    r"feel free to|stay tuned|happy to|thank(?:s| you)|welcome to|we hope|have fun|enjoy|don't hesitate|"
    r"table of contents|terms of (?:service|use)\b.*privacy|subscribe|newsletter|page \d+ of|skip to|"
    r"if you (?:find|use) .* (?:cite|citing)|please (?:cite|star|report|contact|open|file)|instructions on how|"
    r"for (?:more|further) in[- ]depth|more in[- ]depth|(?:to|you can) (?:learn|read) more",
    re.IGNORECASE,
)


def _no_content(quote: str, kind: str) -> Verdict | None:
    match = _NO_CONTENT.search(quote)
    return ("no_content", match[0].lower()) if match else None


def _heading_like(quote: str, kind: str) -> Verdict | None:
    letters = [character for character in quote if character.isalpha()]
    if not letters:
        return "heading_like", None
    if sum(map(str.isupper, letters)) > 0.6 * len(letters) and len(quote.split()) < 15:
        return "heading_like", None
    if kind == "list" or _CLOSED.search(quote):
        return None
    if quote.rstrip("\"'”’)]")[-1:] in ":,;":
        return "fragment", quote[-1]
    return ("heading_like", None) if len(quote.split()) <= 12 and not re.search(r"://\S+$", quote) else None


# Nouns that say nothing without a name beside them
_GENERIC = (
    "models? scripts? functions? notebooks? files? datasets? data tools? options? commands? methods? approach(?:es)? "
    "packages? librar(?:y|ies) codes? repo(?:sitor(?:y|ies))? pages? documents? guides? examples? process(?:es)? "
    "steps? "
    "results? values? parameters? flags? arguments? apps? demos? systems? papers? licen[sc]es? agreements? features? "
    "variants? versions? tables? figures? sections? lists? goals? reasons? ideas? problems? issues? folders? "
    "director(?:y|ies) tutorials? techniques? strateg(?:y|ies) settings? outputs? inputs? prompts? samples? tasks? "
    "text "
    "configs? configurations? modules? class(?:es)? outcome project team developers? authors? difference benefits? "
    "latter former others? same following rest above below remainder one ones"
).replace(" ", "|")
_AUX = (
    "is are was were be been has have had do does did can could will would may might must should shall cannot can't "
    "isn't aren't doesn't don't won't also then only always never usually typically automatically currently now still "
    "simply just already"
).replace(" ", "|")
_BASE = "|".join(sorted(_STEMS))
_EXPLETIVE = (
    r"(?! (?:is|was|can be|may be|might be) (?:\w+ )?(?:possible|necessary|recommended|important|required|advisable|"
    r"useful|"
    r"helpful|essential|critical|crucial|worth|best|better|beneficial|common|easy|hard|difficult|allowed|permitted|"
    r"forbidden|"
    r"advised|suggested|likely|mandatory|vital) (?:to|that|for|\w+ing)\b)"
)
_POINTER = r"(?:table|figure|fig|diagram|chart|section|chapter|paragraph|snippet|screenshot|image|list|picture|steps)s?"
_DANGLING = [
    re.compile(pattern, flags)
    for pattern, flags in (
        # first person: who speaks is not in the sentence
        (r"\b(?:we|our|ours|ourselves|let's|my|mine|we're|we've|we'll)\b", re.IGNORECASE),
        (r"\b(?:I|I'm|I've|us|me)\b(?! Accept)", 0),
        # demonstratives, but not those that point forward ("those who")
        (r"\b(?:this|these|that's)\b", re.IGNORECASE),
        (r"\bthose\b(?! (?:who|that|of|which|with|in|whose|from|for)\b)", re.IGNORECASE),
        (
            r"^That\b|\b(?:in|of|to|for|with|by|on|at|after|before|from|during) that[,.]|\bthat (?:case|point|reason|"
            r"way|end|step|"
            r"one)\b|\bdoing so\b",
            0,
        ),
        # pronouns without a noun before them
        (
            rf"^It\b{_EXPLETIVE}|^(?:It's|Its|You (?:are|have|were)\b(?! (?:to|allowed|required|free|not|the "
            rf"right)\b))",
            0,
        ),
        (r"^(?:They|Their|Them|He|She|His|Her|Hers|Theirs|Itself|Themselves)\b", 0),
        (
            r"^(?:If|When|While|As|Once|Because|Since|Although|Though|Where|Whether|Until|Unless|After|Before|Even "
            r"if|So that) "
            r"(?:it|its|they|their|he|she|his|her|them)\b",
            0,
        ),
        (
            rf"^(?:For|In|On|At|With|By|To|During|Without|From|Under|Using|As)\b(?: [a-z][\w-]*){{1,8}}, "
            rf"(?:it\b{_EXPLETIVE}|they|he|she|its|their)\b",
            0,
        ),
        (
            r"^[A-Z][a-z]+(?:ing|ed) [^,]{3,60}, (?:it|they)\b|^The (?:[a-z]+ ){0,4}(?:its|their)\b|\bof the (?:two|"
            r"three)(?: (?:is|are|may|can|will)\b|[.,])",
            0,
        ),
        (
            r"^(?:To|For|In|By|With|From|Of|Using|After|Before|Without|On|Given|Unlike|Like|Instead of|Besides|Both "
            r"of) "
            r"(?:\w+ing )?(?:it|them|its|their|him|her)\b",
            0,
        ),
        # openings that go on from somewhere
        (
            r"^(?:However|Therefore|Thus|Hence|Moreover|Furthermore|Additionally|Also|Besides|Instead|Otherwise|Then|"
            r"Meanwhile|Nevertheless|Nonetheless|Consequently|Similarly|Likewise|Alternatively|Finally|Lastly|Next|"
            r"Firstly|"
            r"Secondly|Thirdly|First|Second|Third|Accordingly|Still|Yet|But|And|Or|Nor|So|Plus|Again|Now|Later|"
            r"Afterwards|"
            r"Afterward|Here|Conversely|Rather|Subsequently|Indeed|Specifically|Again|Below|Above|Overall|Same|Too|"
            r"Well|Yes|"
            r"No|Ok|Okay|Sure|Right|See|Among them|Likewise|Depending on)\b(?! is the)",
            0,
        ),
        (
            r"^(?:In (?:addition|contrast|turn|short|summary|conclusion|other words|the (?:same|above|end|latter|"
            r"former|"
            r"previous|next|meantime|future|past)|both|either|such|each|all|most|some) ?(?:case|cases|way)?|On the "
            r"(?:other|one) "
            r"hand|For (?:example|instance|now|both|all|each|either|comparison|reference|some)|As (?:a result|such|"
            r"well|before|"
            r"you can|noted|shown|described|mentioned|discussed|always|above|can be|an? (?:example|alternative|"
            r"consequence))|"
            r"At (?:the moment|present|first|last)|Because of|Due to|With (?:that|it)|After (?:that|which)|By "
            r"(?:contrast|doing)|"
            r"That (?:is|said)|Not only|Even (?:so|then)|More(?:over| specifically| precisely| concretely| generally|"
            r" importantly)|To (?:that|do) )\b",
            0,
        ),
        (
            r"^(?:Such|Another|Others?|Either|Neither|The (?:other|others|latter|former|same|following|above|below|"
            r"previous|"
            r"next|remaining|rest|resulting|corresponding|second|third|fourth|last|first|one|ones|whole thing|"
            r"above-mentioned|"
            r"aforementioned|two|three|four|five))\b",
            0,
        ),
        (r"^Both\b(?! (?:[A-Z\d`\"-][^ ]*|[\w.]*_\w+)(?: [A-Z\d][^ ]*)* and )", 0),
        (r"\bsuch (?!as\b|that\b)\w+", 0),
        # generic subjects: which script, which model?
        (
            rf"^(?i:the|each|every|all|all the|some|most|any|one|two|three|four|several|many|your|no|none of the) "
            rf"(?:[a-z]+ )?(?:{_GENERIC}) (?:{_AUX}|(?<=s )(?:{_BASE})|[a-z]+[a-rt-z]s|[a-z]+ed)\b",
            0,
        ),
        (
            rf"^(?i:the|each|every|all|all the|some|most|any|one|several|many) (?:{_GENERIC}) "
            rf"(?:in|on|for|at|to|from|below|above|by|here)\b (?:{_AUX}|[a-z]+s)\b",
            0,
        ),
        (r"^There (?:is|are|was|were) [a-z -]+\.$", 0),
        # pointers to other places of the document
        (r"\b(?:above|below)\b(?! (?:the|a|an|\d|zero|all|which|average|that)\b)", re.IGNORECASE),
        (
            r"\bthe following\b(?! (?:\w+ ){0,2}(?:day|week|month|year)s?\b)|\bas follows\b|\bas (?:shown|described|"
            r"mentioned|"
            r"discussed|explained|seen|noted|outlined|stated|listed|illustrated|depicted|detailed|demonstrated|"
            r"indicated|"
            r"defined|specified (?:in|by)|before|earlier)\b",
            re.IGNORECASE,
        ),
        (rf"\bthe {_POINTER}\b(?! (?:of|named|called|titled|[A-Z\d\"`]))", re.IGNORECASE),
        (
            r"\bsee\b(?: (?:the|our|also|here|how|section|fig|below|above|more|"
            r"\[|[A-Z\d\"'`\w]*[./_])|[:.]|$)|^See\b|[(;,] ?see\b|"
            r"\bplease (?:see|refer|check|read|visit|take|have|follow|note)\b|\brefer to\b|\bcheck(?:ing)? out\b|"
            r"\btake a look\b|\bhave a look\b|\blook at\b",
            re.IGNORECASE,
        ),
        (
            r"\bhere\b|\b(?:previous|earlier|next|last|preceding|later|other|another) (?:section|chapter|step|"
            r"example|paragraph|"
            r"page|table|command|sentence|point|question|guide)s?\b|\bearlier in\b|\bpreviously (?:mentioned|"
            r"described)\b|"
            r"\b(?:mentioned|described|listed|discussed|shown|given|noted) (?:earlier|before|previously|later|next)\b|"
            r"\baforementioned\b|\bhereof\b|\bhereunder\b|\bherein\b|\bthereof\b|\bso far\b",
            re.IGNORECASE,
        ),
        (r"\bthe (?:latter|former|same (?:way|thing|applies|goes|holds))\b", re.IGNORECASE),
        (r"\b(?:as well|too|either|though|instead)[.!]$", 0),
    )
]
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»")


def _dangling(quote: str, kind: str) -> Verdict | None:
    bare = _QUOTED.sub(lambda match: '"' + "x" * (len(match[0]) - 2) + '"', quote).replace("’", "'")
    label = re.match(r"[A-Z][\w ,-]{2,40}: +", bare)
    for part in (bare, bare[label.end() :]) if label else (bare,):
        for pattern in _DANGLING:
            match = pattern.search(part)
            if match:
                return "dangling", match[0].strip().lower()
    return None


# --- verbs ---------------------------------------------------------------------------------------------------------

_NOT_BEFORE_VERB = frozenset(
    "to the a an of for in on at by with from into about as its their your each every any some no one per via "
    "between under "
    "over without within than and/or that which who this such most more less other new default given same "
    "several".split()
)
_BE = frozenset("is are was were be been being".split())
_RELATIVE = frozenset("that which who whose where".split())
_NOT_AFTER_IMPERATIVE = frozenset("of in is are was by and or has can will may time times case cases".split())


def _stem(word: str) -> str:
    """Return the verb that an inflected form belongs to, or "" if no verb is known that fits."""
    word = re.sub(r"^(?:fine|pre|re|de|co|un|auto|cross|over|self|post|down|up)-", "", word)
    forms = [word]
    for ending in ("s", "es", "ed", "d"):
        if word.endswith(ending):
            forms.append(word[: -len(ending)])
    if word.endswith(("ies", "ied")):
        forms.append(word[:-3] + "y")
    if word.endswith("ed") and len(word) > 5 and word[-3] == word[-4]:
        forms.append(word[:-3])
    return next((form for form in forms if form in _STEMS), "")


def _has_verb(quote: str, strict: bool) -> bool:
    """Say whether something in a sentence looks like its finite verb.

    Args:
        quote: the sentence.
        strict: whether a base form or a past tense is too little, because nothing else says that it is a sentence.
    """
    words = re.findall(r"[\w'/.-]*\w|[,;:()]", quote.replace("’", "'"))
    relative = False
    for number, word in enumerate(words):
        place = number - 1
        while place > 0 and words[place].endswith("ly"):
            place -= 1  # "a fully managed service"
        before = words[place].lower() if number else ""
        after = words[number + 1] if number + 1 < len(words) else ""
        if word in _RELATIVE and number:
            relative = True  # the next verb belongs to the relative clause
            continue
        if word in ",;:()":
            relative = False
            continue
        known = word in _FINITE
        stem = "" if known else _stem(word.lower())
        if not known and not stem:
            relative = relative and not (word.islower() and len(word) > 3 and word.endswith(("s", "ed")))
            continue
        if number == 0 or before in (",", "please", "then", "and") and strict is False:
            # imperative: "Run download.sh", "To use TGI, install the extra"
            if word.lower() in _STEMS and after and after.lower() not in _NOT_AFTER_IMPERATIVE:
                return True
            if number == 0:
                continue
        if before in _NOT_BEFORE_VERB and before not in _RELATIVE:
            continue
        if not known and (before in _BE or before in ("and", "or") and word in _STEMS):
            continue  # a participle after its verb; the second of two infinitives
        if not known and strict and not (word.endswith("s") and word != stem):
            continue
        if not known and not word.islower():
            continue
        if relative:
            relative = False
            continue
        return True
    return False


_ODD_START = re.compile(r"[)\],;:.!?%&=>*_/\\|…-](?!-?\w)")


def _fragment(quote: str, kind: str) -> Verdict | None:
    closed = _CLOSED.search(quote)
    last = quote.rstrip("\"'”’)]")[-1:]
    if last in ":,;-–—" or quote.endswith(("...", "…")) and not re.search(r"\w\W*\.\.\.$", quote):
        return "fragment", last
    first = quote.split(None, 1)[0]
    if _ODD_START.match(quote) or re.fullmatch(r"[a-z]+[,;]?|[a-z]+-[a-z-]+", first):
        return "fragment", first
    for opening, closing in ("()", "[]", "“”"):
        if quote.count(opening) != quote.count(closing):
            return "fragment", opening
    if quote.count('"') % 2:
        return "fragment", '"'
    if re.match(
        r"(?:Which|Who|Whose|Where|Including|Such as|Especially|Using|Based on|Because|Whereas)\b", quote
    ) and not (re.search(r", |\b(?:is|are|can|means|makes|helps|allows|requires)\b", quote)):
        return "fragment", first.lower()
    if not closed:
        if kind != "list" and not re.search(r"(?:\w+://|www\.)\S+$", quote):
            return "fragment", "no full stop"
        if re.match(
            r"[A-Z][a-z]+ing\b|(?:Number|Name|List|Amount|Percentage|Path|Size|Type|Kind)s? (?:of|to)\b", quote
        ):
            return "fragment", first.lower()
    if _NO_SUBJECT.match(quote):
        return "fragment", first.lower()
    return None if _has_verb(quote, strict=not closed) else ("fragment", "no verb")


_NO_SUBJECT = re.compile(
    r"(?:Involves|Requires|Helps|Improves|Provides|Allows|Enables|Contains|Includes|Supports|Makes|Gives|Ensures|"
    r"Reduces|"
    r"Increases|Means|Offers|Returns|Creates|Takes|Leads|Lets|Has|Is|Are|Was|Were|Can|Does|Will|May|Should|Must|"
    r"Works|Runs|"
    r"Specifies|Defines|Determines|Controls|Sets|Defaults|Prevents|Avoids|Adds|Allowing|Enabling|Including)\b"
)


# --- concepts ------------------------------------------------------------------------------------------------------

_STOP = frozenset(
    "the a an and or of for in on at by with from into about as to is are was were be how what why when where which "
    "who "
    "your our its it this that these those can you not no if then than but all any each more most other using use used "
    "uses via per vs getting started overview introduction summary notes note general details information common "
    "frequently asked questions other steps step first run running example examples table contents additional".split()
)
_COMMON = frozenset(
    "model models data file files guide guides page document documents section text code user users developers people "
    "option options value values results result family changes writing useful own others training learning everyone "
    "anyone someone nothing everything language there "
    "support following however".split()
)
_FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*(?:\.[\w-]+)*")
_CODE = re.compile(
    r"(?<![\w@])(?:[\w.-]+/)+[\w.-]*\w|\b\w+(?:\.\w+)*\(\)|\b\w*[A-Za-z]\w*_\w+(?:\.\w+)*|"
    r"\b[A-Za-z_][\w-]*\.[a-z]{1,5}\b"
    r"(?<!e\.g)(?<!i\.e)|\b[a-z]+[A-Z]\w*|<+/?\w+>+|\[/?[A-Z]+\]|\b\w+==\S*\w|\b[A-Za-z]+_\w+:\w+"
)
_NAME_WORD = r"[A-Z][\w'+-]*(?:\.\w+)*"
_NAME = re.compile(rf"\b{_NAME_WORD}(?:[ -](?:{_NAME_WORD}|\d{{1,4}}(?:\.\d+)*[A-Za-z]?\b(?![.,]\d| ?%)))*")
_NUMBER = re.compile(r"(?<![\w.-])[$€£]?\d+(?:,\d{3})*(?:\.\d+)*(?:e-?\d+)?")
_UNIT = re.compile(
    r" ?(?:%|percent\b|(?:thousand|million|billion|trillion)\b(?: [a-z]+s\b)?|[kKMGTP]i?B\b|[kMGT]?Hz\b|[KMBTWkV]\b|"
    r"(?:hour|day|minute|second|week|month|year|bit|byte|token|epoch|step)s?\b)| [a-z]{3,}s\b"
)


def concepts(quote: str, topic: str = "", most: int = 6) -> list[str]:
    """Return what a sentence is about: names, flags, identifiers, numbers with their unit and terms of its headings."""
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, int, str]] = []

    def take(rank: int, start: int, end: int, value: str) -> None:
        if value and all(end <= low or start >= high for low, high in taken):
            taken.append((start, end))
            found.append((rank, start, value))

    for match in re.finditer(r"\b\w+://\S+|[\w.+-]+@[\w.-]+", quote):
        taken.append(match.span())
    for match in _FLAG.finditer(quote):
        take(0, *match.span(), match[0])
    for match in _CODE.finditer(quote):
        if not match[0].lower().startswith(("e.g", "i.e", "and/or")):
            take(0, *match.span(), match[0])
    for match in _NAME.finditer(quote):
        start, end = _name(quote, match.start(), match.end())
        unit = re.search(r"\d ?$", quote[:start]) and _UNIT.fullmatch(quote[start:end])  # 24 GB
        if quote[start : start + 1].isupper() and end - start > 1 and not unit:
            take(0, start, end, quote[start:end])
    for match in _NUMBER.finditer(quote):
        unit = _UNIT.match(quote, match.end())
        noun = unit[0].strip() if unit else ""
        end = unit.end() if unit and noun not in _FINITE | _STOP and not _stem(noun) else match.end()
        take(1, match.start(), end, quote[match.start() : end] if end - match.start() > 1 else "")
    terms = {
        _fold(word) for word in re.findall(r"[A-Za-z][\w-]{2,}", topic) if word.lower() not in _STOP | _COMMON | _WORDS
    }
    for match in re.finditer(r"[A-Za-z][\w-]*(?: [A-Za-z][\w-]*)*", quote):
        for start, end in _runs(match[0], terms):
            take(
                2,
                match.start() + start,
                match.start() + end,
                quote[match.start() + start : match.start() + end].lower(),
            )
    subject = "" if found else _subject(quote)
    if subject:
        found.append((3, 0, subject))
    unique: dict[str, str] = {}
    for _, _, value in sorted(found):
        unique.setdefault(value.casefold(), value)
    return list(unique.values())[:most]


def _subject(quote: str) -> str:
    """Return the noun phrase that a sentence without names opens with ("A false refusal happens"), or ""."""
    words: list[str] = []
    if quote.split(None, 1)[0].lower() in _STEMS:
        return ""  # an imperative
    for word in quote.split()[:6]:
        if word in ("A", "An") and not words:
            continue
        if words and (word in _FINITE or _stem(word) and word.endswith("s") or word in _STOP):
            plain = [w for w in words if w not in _STOP | _WORDS]
            return " ".join(words) if plain == words and words[-1] not in _COMMON and len(words[-1]) > 4 else ""
        if not re.fullmatch(r"[A-Za-z][a-z]+(?:-[a-z]+)*", word):
            return ""
        words.append(word.lower())
    return ""


def _name(quote: str, start: int, end: int) -> tuple[int, int]:
    """Return a name without a capitalised word at the start of the sentence that is none, and without a plain one."""
    if start == 0 or quote[:start].strip(" \"'“(") == "" or quote[:start].endswith(": "):
        first = re.match(r"[\w'+.-]+", quote[start:end])
        word = first[0] if first else ""
        plain = word[:1].isupper() and word[1:].islower() and not any(map(str.isdigit, word))
        # "Use FSDP to ..." is an imperative, "Prompt Guard is ..." a name
        following = re.match(r" ([a-z]+)", quote[end:])
        subject = following and (following[1] in _FINITE or _stem(following[1]) and following[1].endswith("s"))
        verb = _stem(word.lower()) and not subject
        if plain and (word.lower() in _STOP | _WORDS or verb or word.endswith("ly") or start + len(word) == end):
            start = min(end, start + len(word) + 1)
    while start < end and re.match(r"(?:I|A|The|An|It|If|In|To|We|Our)\b(?! ?\d)", quote[start:end]):
        start = min(end, start + len(re.match(r"\w+", quote[start:end])[0]) + 1)  # type: ignore[index]
    return start, end


_WORDS = frozenset(
    "after before both every each all some only other another pretrained early updated safety current with without "
    "when "
    "while until since although because through during under over between among against several smaller faster "
    "larger like unlike "
    "typically especially once given using built if your another these those this".split()
)


def _fold(word: str) -> str:
    """Return a crude stem, by which a heading's word and a sentence's word are compared."""
    word = word.lower()
    for ending in (
        "isation",
        "ization",
        "ations",
        "ation",
        "ings",
        "ing",
        "ies",
        "ied",
        "ers",
        "er",
        "es",
        "ed",
        "s",
        "e",
        "y",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _runs(text: str, terms: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of runs of words that are among the terms."""
    start = end = -1
    for match in re.finditer(r"\S+", text):
        if _fold(match[0]) in terms:
            start, end = (match.start() if start < 0 else start), match.end()
        elif start >= 0:
            yield start, end
            start = -1
    if start >= 0:
        yield start, end
