"""Personal data and secrets by the rules of `quality.privacy`, which see only texts that may hold any."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from stages.exploring import fields
from stages.exploring.dataset import Dataset
from stages.quality import privacy

# Whatever the rules find has an @, a mark of a secret, an address of the network, the head of an IBAN, or six digits
# (the shortest phone numbers that there are) with few other characters between them and no letters; but a phone number
# may have an x, or the long mark of Japanese, which is a letter of Unicode.
_MARKS = (
    r"@|://|-----BEGIN|sk-|[sr]k_|hf_|gh[pousr]_|github_pat_|AKIA|ASIA|AIza|xox|glpat-|npm_|pypi-|eyJ|SG\."
    r"|\d\.\d+\.\d+\.\d|[23][\da-fA-F]{3}:|[A-Z]{2}\p{Nd}{2}"
)
_NUMBER = r"\p{Nd}(?:(?:[^\p{L}]|[xX\x{30FC}]){0,8}\p{Nd}){5}"
# A phone number stands in a line of seven digits or more. They are counted first, which is much faster; where there may
# be digits of other scripts, the pattern decides.
_SEVEN = "(length(t) - length(translate(t, '0123456789', '')) >= 7 or strlen(t) <> length(t))"
MAYBE = f"(regexp_matches(t, '{_MARKS}') or {_SEVEN} and regexp_matches(t, '{_NUMBER}'))"


class Personal(msgspec.Struct, kw_only=True):
    """What was found in one field: rows with a find, and by kind how many finds, with examples that are shortened."""

    field: str
    rows: int
    kinds: dict[str, int]
    examples: dict[str, list[str]]


def personal(dataset: Dataset, names: Sequence[str], examples: int = 3) -> list[Personal]:
    """Return what looks like personal data or a secret in each field."""
    found = []
    for name in names:
        kinds: Counter[str] = Counter()
        shown: dict[str, set[str]] = {}
        rows = 0
        query = f"select t from (select {fields.sql(name)} t from data) where {MAYBE}"
        for (text,) in dataset.stream(query):
            hits = privacy.find(text)
            rows += bool(hits)
            for hit in hits:
                kinds[hit.kind] += 1
                some = shown.setdefault(hit.kind, set())
                some.add(shortened(text[hit.start : hit.end]))
                if len(some) > examples:
                    some.remove(max(some))  # the first in the alphabet stay, whatever the order of the rows
        told = {kind: sorted(shown[kind]) for kind in sorted(shown)}
        found.append(Personal(field=name, rows=rows, kinds=dict(sorted(kinds.items())), examples=told))
    return found


def shortened(text: str) -> str:
    """Return enough of a find to recognise it where it stands, and no more: its first two characters and its length."""
    return f"{text[:2]}… ({len(text)} characters)"
