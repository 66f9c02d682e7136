"""The same question asked otherwise. Each kind takes a question, the edits, the vocabulary and a source of chance, and
returns the text, or None where the kind does not apply."""

import random
import re

from .grammar import Asked, Edits, Template, clause, filled, joined, lower, render, upper
from .vocabulary import Vocabulary, plural

LONG, VERY_LONG = 6, 9  # letters of a word that may hold one typing error, and two
TWICE = 0.2  # of the typing errors, those with a second one
FIRST = 0.03  # of the typing errors, those in a word's first letter
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = r"(?<![\w./_:-]){}(?![\w/_:(-]|\.\w)"
_LETTERS = re.compile(_WORD.format(f"[A-Za-z][a-z]{{{LONG - 1},}}"))  # no identifiers
_ARTICLES = re.compile(r"\b(?:the|an?) (?=\w)", re.IGNORECASE)


def word(text: str) -> re.Pattern[str]:
    """Return a pattern for a word or a phrase outside of identifiers."""
    return re.compile(_WORD.format(re.escape(text)), re.IGNORECASE)


def replaced(text: str, table: dict[str, str], chance: random.Random, stems: bool = False) -> str | None:
    """Return a text with one of the words of a table replaced; None if it has none; `stems` may have an ending."""
    found = [(old, new) for old, new in table.items() if old.lower() in text.lower()]
    chance.shuffle(found)
    for old, new in found:
        pattern = re.compile(rf"(?<![\w./_:-]){old}(?![A-Z_(])", re.IGNORECASE) if stems else word(old)
        told = pattern.sub(lambda hit, new=new: upper(new) if hit[0][0].isupper() else new, text, count=1)
        if told != text:
            return told
    return None


def case(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Other capitals and punctuation."""
    text = render(asked)
    bare = text.rstrip("?.")
    ways = [text.lower(), bare.lower(), bare, f"{bare}??", f"{bare}?!", f"{bare}...", bare.replace(",", "").lower()]
    return chance.choice([*ways, text.upper(), " ".join(upper(one) for one in text.split(" "))])


def typo(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """One letter, seldom two, of long words swapped, dropped, doubled or mistyped; what comes out is no known word."""
    text = render(asked)
    hits = list(_LETTERS.finditer(text))
    if not hits:
        return None
    chosen = [chance.choice(hits)]
    if chance.random() < TWICE and (more := [hit for hit in hits if hit is not chosen[0] or len(hit[0]) >= VERY_LONG]):
        chosen.append(chance.choice(more))
    for hit in sorted(set(chosen), key=lambda one: -one.start()):
        wrong = hit[0]
        for _ in range(chosen.count(hit)):
            wrong = _mistyped(wrong, chance)
        if wrong.casefold() in words.words or wrong == hit[0]:
            return None
        text = text[: hit.start()] + wrong + text[hit.end() :]
    return text


def _mistyped(right: str, chance: random.Random) -> str:
    at = 0 if chance.random() < FIRST else chance.randrange(1, len(right))
    way, letter = chance.choice(("swap", "drop", "double", "other")), right[at]
    if way == "swap" and at + 1 < len(right):
        return right[:at] + right[at + 1] + letter + right[at + 2 :]
    if way == "drop":
        return right[:at] + right[at + 1 :]
    if way == "double":
        return right[:at] + letter + right[at:]
    row = next((row for row in KEYS if letter.lower() in row), "abcdefghi")
    near = row.find(letter.lower())
    return right[:at] + chance.choice(row[max(0, near - 1) : near] + row[near + 1 : near + 2]) + right[at + 1 :]


def polite(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """A greeting, thanks, or an indirect question."""
    text, frames = render(asked), edits["polite"]
    small = lower(text)
    if (indirect := clause(asked)) is not None:
        frame = chance.choice(frames["indirect"] if chance.random() < 0.6 else frames["whole"])
        return frame.format(q=small, Q=text, x=indirect)
    if asked.template.rest.startswith("{"):  # keywords have no frame
        return None
    return chance.choice(frames["imperative"] if text.endswith(".") else frames["whole"]).format(q=small, Q=text)


def filler(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """A word or phrase that adds nothing."""
    if asked.template.shape == "other":
        return None
    way, given = chance.random(), edits["filler"]
    if way < 0.6:
        return adverb(asked, chance.choice(given["adverbs"]))
    text = render(asked)
    return (
        chance.choice(given["openers"]) + lower(text)
        if way < 0.8
        else f"{text[:-1]} {chance.choice(given['closers'])}?"
    )


def adverb(asked: Asked, adverb: str) -> str:
    """Return a question with an adverb where it may stand."""
    if asked.template.shape == "state" and not asked.template.rest:
        return render(asked, before=adverb)
    return render(asked, adverb=adverb)


def contraction(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """A word cut short: "config", "what's"."""
    tables = [edits["contractions"], edits["abbreviations"]]
    chance.shuffle(tables)
    text = render(asked)
    return replaced(text, tables[0], chance) or replaced(text, tables[1], chance)


def article(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Another article, auxiliary or pronoun."""
    leads = [(old, new) for old, news in edits["leads"].items() for new in news if old in asked.template.lead]
    text = render(asked)
    ways = [lambda: replaced(text, edits["articles"], chance), lambda: _without_articles(text)]
    if leads and asked.template.shape == "user":
        old, new = chance.choice(leads)
        ways += [lambda: render(asked._replace(template=changed(asked.template, old, new)))] * 2
    return chance.choice(ways)()


def _without_articles(text: str) -> str | None:
    less = _ARTICLES.sub("", text)
    return None if less == text else upper(less)


def changed(template: Template, old: str, new: str) -> Template:
    """Return a template with another lead."""
    return template._replace(lead=template.lead.replace(old, new))


def reorder(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """The two clauses in the other order."""
    return render(asked._replace(first=not asked.first)) if asked.condition else None


def spelling(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """American spelling."""
    return replaced(render(asked), edits["spellings"], chance, stems=True)


def several(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Several instead of any one, where something is done to it: "a backup" and "backups"."""
    found = re.search(r"\ba {(c_)?thing2?}", asked.template.rest)
    if asked.template.shape == "other" or not asked.template.rest or not found:
        return None
    slot = found[0][3:-1]
    rest = asked.template.rest.replace(found[0], f"{{{slot}}}")
    slots = asked.slots | {slot: plural(asked.slots[slot])}
    return render(asked._replace(template=asked.template._replace(rest=rest), slots=slots))


def form(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Quotation marks, Markdown, white space, other forms of Unicode."""
    text, given, way = render(asked), edits["format"], chance.random()
    if way < 0.4 and asked.slots:
        value = chance.choice(list(asked.slots.values()))
        left, right = chance.choice(given["wraps"])
        return re.sub(_WORD.format(re.escape(value)), lambda hit: left + hit[0] + right, text, count=1)
    if way < 0.6:
        at = chance.choice([hit.start() for hit in re.finditer(" ", text)] or [0])
        return text[:at] + chance.choice(given["spaces"]) + text[at + 1 :]
    return text.rstrip("?.") + chance.choice(given["ends"]) if way < 0.8 else chance.choice(given["starts"]) + text


def paraphrase(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Other words for the same."""
    given, shape, lead = edits["paraphrase"], asked.template.shape, asked.template.lead
    text, other = None, asked
    if shape == "user" and lead in given["leads"]:
        other = asked._replace(template=asked.template._replace(lead=chance.choice(given["leads"][lead])))
        text = render(other)
    elif shape == "subject" and lead == "Why":
        text = f"{clause(asked, lead=chance.choice(given['leads']['Why does']))}?"
    elif shape == "state" and lead == "What" and not asked.template.rest:
        said = joined(chance.choice(given["leads"]["What is"]), asked.template.subject, asked.condition)
        text = filled(said, asked.slots) + "."
    elsewhere = replaced(text or render(asked), given["words"], chance)
    return elsewhere or text and upper(text)


# By name; recall is that of all but the paraphrases, which no rule on the surface can see
KINDS = {
    "case": case, "typo": typo, "polite": polite, "filler": filler, "contraction": contraction, "article": article,
    "reorder": reorder, "spelling": spelling, "plural": several, "form": form, "paraphrase": paraphrase,
}  # fmt: skip
SURFACE = tuple(kind for kind in KINDS if kind != "paraphrase")
PLAIN = ("case", "form")  # their capitals and marks are as the edit left them
