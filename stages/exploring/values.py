"""Values of fields and how often they stand there: sources, licences, languages, topics; and forms of questions."""

import msgspec

from stages.exploring import fields, words
from stages.exploring.dataset import Dataset, DatasetError, matching
from stages.quality import language
from stages.quality.tokens import FUNCTION_WORDS, GERMAN_FUNCTION_WORDS

COMMON = (
    "source", "licence", "license", "language", "origin", "form", "topic", "concepts", "set", "split", "system",
    "reason", "stage", "model", "weight", "trust",
)  # fmt: skip
SAMPLE = 5000  # texts whose language is detected
BEGINNING = 5000  # characters of them that are looked at
TOPICS = ("topic", "concepts")
LEAST_LETTERS = 3  # of a word that tells what a text is about
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
    known = fields.fields(dataset).get(field)
    is_list = known is None or known.kind == "list" or "[" in field
    # Each value is a list of one where no row has more: taking all for lists takes twice as long.
    told = dataset.ask(
        f", lists as (select {fields.listed(field) if is_list else f'[{fields.sql(field)}]'} l from data), "
        "counted as (select v, count(*) n from (select unnest(l) v from lists) where v is not null group by v) "
        "select v, n, (select count(*) from lists where len(list_filter(l, lambda v: v is not null)) > 0), "
        "count(*) over () from counted order by n desc, v limit ?",
        most,
    )
    rows, distinct = (int(told[0][2]), int(told[0][3])) if told else (0, 0)
    return Values(field=field, rows=rows, distinct=distinct, shown=[(str(v), int(n)) for v, n, _, _ in told])


def common(dataset: Dataset, most: int = 20) -> list[Values]:
    """Return the values of the usual fields that there are, at the top or in what a row holds."""
    known = fields.fields(dataset)
    names = [head + one for head in fields.HEADS for one in COMMON if head + one in known]
    return [one for name in names if (one := values(dataset, name, most)).rows]


def topics(dataset: Dataset, field: str, most: int = 20) -> Values:
    """Return the words that tell what texts are about, by how many texts have them: not those that tell nothing."""
    told = dataset.ask(
        f", lists as (select list_distinct({words.sql('t')}) l from (select {fields.sql(field)} t from data) "
        "where t is not null), "
        "counted as (select w, count(*) n from (select unnest(l) w from lists) "
        f"where length(w) >= {LEAST_LETTERS} and not list_contains(?, w) group by w) "
        "select w, n, (select count(*) from lists), count(*) over () from counted order by n desc, w limit ?",
        sorted(FUNCTION_WORDS | GERMAN_FUNCTION_WORDS), most,
    )  # fmt: skip
    rows, distinct = (int(told[0][2]), int(told[0][3])) if told else (0, 0)
    return Values(field=f"words of {field}, without function words", rows=rows, distinct=distinct,
                  shown=[(word, int(count)) for word, count, _, _ in told])  # fmt: skip


def licences(dataset: Dataset, documents: str, most: int = 20) -> Values:
    """Return the licences of the documents that the rows come from, joined by `source`; others are "unknown".

    Args:
        dataset: what is asked.
        documents: a file of documents, with `source` and `licence`.
        most: how many are returned.
    """
    head = next((head for head in fields.HEADS if f"{head}source" in fields.fields(dataset)), None)
    if head is None:
        raise DatasetError("there is no field source, by which the licence of a document is found")
    of, source, licence = dataset.beside(matching([documents])), fields.sql("source"), fields.sql("licence")
    of.create("licences", f"select {source} s, min({licence}) v from data where {source} is not null group by s")
    told = dataset.ask(
        f", sources as (select {fields.sql(f'{head}source')} s from data) "
        "select coalesce(v, 'unknown') v, count(*) n from sources left join licences using (s) where s is not null "
        "group by all order by n desc, v"
    )
    dataset.change("drop table licences")
    shown = [(str(value), int(count)) for value, count in told]
    return Values(field=f"licence of {head}source", rows=sum(count for _, count in shown), distinct=len(shown),
                  shown=shown[:most])  # fmt: skip


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


def languages(dataset: Dataset, field: str, sample: int = SAMPLE) -> Values:
    """Return the languages of the texts of a field, as they are detected in a sample drawn by a hash of the text."""
    told = dataset.ask(
        f", texts as (select left({fields.sql(field)}, {BEGINNING}) t from data) "
        "select t, count(*) over () from texts where t is not null order by md5(t), t limit ?",
        sample,
    )
    found: dict[str, int] = {}
    for text, _ in told:
        name = language.detect(text)[0]
        found[name] = found.get(name, 0) + 1
    of = int(told[0][1]) if told else 0
    shown = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return Values(field=f"language of {field}, detected", rows=of, distinct=len(shown), shown=shown,
                  sampled=len(told) if len(told) < of else 0)  # fmt: skip
