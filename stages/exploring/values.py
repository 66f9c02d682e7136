"""Values of fields and how often they stand there: sources, licences, languages, topics; and forms of questions."""

import msgspec

from stages.exploring import fields, words
from stages.exploring.dataset import Dataset
from stages.quality import language
from stages.quality.tokens import FUNCTION_WORDS

COMMON = (
    "source", "licence", "license", "language", "origin", "form", "topic", "concepts", "set", "split", "system",
    "reason", "stage", "model", "weight", "trust",
)  # fmt: skip
TOPICS = ("topic", "concepts")
LETTERS = r"\p{L}{2}"  # what a word has that is about something
SAMPLE = 5000  # texts whose language is detected
# The first of these that matches the beginning of a question, in lower case and without what is polite, is its form.
FORMS = {
    **{word: rf"^{word}\b" for word in ("what", "how many", "how much", "how", "which", "why", "when", "where", "who")},
    "yes or no": r"^(is|are|was|were|do|does|did|can|could|may|might|must|should|will|would|has|have|had)\b",
    "if or when": r"^(if|for|in|on|with|after|before|as)\b",
    "asks to": r"^(please|tell|explain|describe|list|name|give|show|summari[sz]e|write|compare|define|state)\b",
    "ends with ?": r"\?\s*$",
    "other": "",
}


class Values(msgspec.Struct, kw_only=True):
    """The values of a field, most common first, with how many rows have each.

    Attributes:
        field: its dotted name, or what was told of the texts.
        rows: how many rows have the field.
        distinct: how many different values.
        shown: the most common ones.
        sampled: of how many texts, where it was not of all; 0: of all.
    """

    field: str
    rows: int
    distinct: int
    shown: list[tuple[str, int]]
    sampled: int = 0


def values(dataset: Dataset, field: str, most: int = 20) -> Values:
    """Return the most common values of a field; each element of a list counts."""
    path = fields.sql(field)
    inner = f"select {path} v, json from data"
    is_list = fields.fields(dataset).get(field) == "list"
    if is_list:
        inner = f"select unnest(json_extract_string({path}, '$[*]')) v from data"
    told = dataset.ask(
        f", all_values as ({inner}), counted as (select v, count(*) n from all_values where v is not null group by v) "
        "select v, n, sum(n) over (), count(*) over () from counted order by n desc, v limit ?",
        most,
    )
    rows, distinct = (int(told[0][2]), int(told[0][3])) if told else (0, 0)
    return Values(field=field, rows=rows, distinct=distinct, shown=[(str(v), int(n)) for v, n, _, _ in told])


def common(dataset: Dataset, most: int = 20) -> list[Values]:
    """Return the values of the usual fields that there are, at the top or in `record`."""
    known = fields.fields(dataset)
    names = [head + one for head in ("", "record.") for one in COMMON if head + one in known]
    return [one for name in names if (one := values(dataset, name, most)).rows]


def forms(dataset: Dataset, field: str) -> Values:
    """Return how the questions of a field begin."""
    cases = " ".join(f"when regexp_matches(q, '{pattern}') then '{name}'" for name, pattern in FORMS.items())
    told = dataset.ask(
        f", asked as (select trim(lower({fields.sql(field)})) q from data), "
        f"told as (select case {cases} end f from asked where q is not null) "
        "select f, count(*) n from told group by f order by n desc, f"
    )
    shown = [(str(name), int(count)) for name, count in told]
    return Values(field=f"form of {field}", rows=sum(count for _, count in shown), distinct=len(shown), shown=shown)


def topics(dataset: Dataset, field: str, most: int = 20) -> Values:
    """Return the words that stand in most texts of a field, without function words and numbers: what they are about."""
    told = dataset.ask(
        f", texts as (select {words.sql(fields.sql(field))} w from data), "
        "each as (select unnest(list_distinct(w)) v from texts), "
        f"counted as (select v, count(*) n from each where not list_contains(?, v) and regexp_matches(v, '{LETTERS}') "
        "group by v) select v, n, (select count(*) from texts where len(w) > 0), count(*) over () "
        "from counted order by n desc, v limit ?",
        sorted(FUNCTION_WORDS), most,
    )  # fmt: skip
    rows, distinct = (int(told[0][2]), int(told[0][3])) if told else (0, 0)
    shown = [(str(v), int(n)) for v, n, _, _ in told]
    return Values(field=f"words of {field}, but function words", rows=rows, distinct=distinct, shown=shown)


def languages(dataset: Dataset, field: str, sample: int = SAMPLE) -> Values:
    """Return the languages of the texts of a field, as they are detected in a sample drawn by a hash of the text."""
    told = dataset.ask(f", texts as (select {fields.sql(field)} t from data) select t, count(*) over () from "
                       "(select t from texts where t is not null) order by md5(t), t limit ?", sample)  # fmt: skip
    found: dict[str, int] = {}
    for text, _ in told:
        name = language.detect(text)[0]
        found[name] = found.get(name, 0) + 1
    of = int(told[0][1]) if told else 0
    shown = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return Values(field=f"language of {field}, detected", rows=of, distinct=len(shown), shown=shown,
                  sampled=len(told) if len(told) < of else 0)  # fmt: skip
