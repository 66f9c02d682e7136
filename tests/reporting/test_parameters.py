"""Which parameters differ is told from two commands as DVC makes them."""

import shlex

import pytest
from dvc.parsing.interpolate import to_str
from hypothesis import given
from hypothesis import strategies as st

from stages.reporting import parameters

TEMPLATE = "python -m stages.x data/x --student ${student.student} ${x} ${item}"
PARAMS = {
    "student": {"student": "embedded"},
    "x": {"rate": 0.5, "names": ["a", "b"], "fast": True, "text": "Two words."},
    "adapters": {"big": {"rank": 16}},
}
WORDS = (
    "python -m stages.x data/x --student embedded --rate 0.5 --names a --names b --fast --text 'Two words.' --rank 16"
)


def changed(new: str, old: str = WORDS) -> list[str]:
    return parameters.changed(old, new, TEMPLATE, "adapters.big", PARAMS)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("--rate 0.5", "--rate -10.0", "x.rate 0.5 → -10.0"),
        ("--student embedded", "--student models/tiny", "student.student embedded → models/tiny"),
        ("--rank 16", "--rank 8", "adapters.big.rank 16 → 8"),
        ("--fast", "--no-fast", "x.fast true → false"),
        ("'Two words.'", "''", "x.text Two words. → ''"),
        ("--names b", "--names c --names d", "x.names + c, d; − b"),
        ("--names a --names b", "--names b --names a", "x.names a, b → b, a"),
        (" --rate 0.5", "", "x.rate 0.5 → (absent)"),
        ("--rank 16", "--rank 16 --other 1", "--other (absent) → 1"),
    ],
)
def test_a_parameter_is_named_with_its_section_and_both_values(before, now, said):
    assert changed(WORDS.replace(before, now)) == [said]


def test_what_is_no_parameter_is_none():
    assert changed(WORDS) == changed(WORDS.replace("data/x", "data/y")) == []
    assert changed("sh 'open") == []


def test_long_values_are_cut():
    said = changed(WORDS.replace("'Two words.'", shlex.quote("word " * 30)))
    assert said[0].endswith("…") and len(said[0]) < 80


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8).filter(
    lambda t: not t.startswith("-")
)
VALUES = st.one_of(st.booleans(), st.integers(), st.floats(-9, 9), TEXT, st.lists(TEXT, min_size=1, max_size=3))
SECTION = st.dictionaries(st.from_regex(r"[a-m][a-z]{0,5}(-[a-z]{1,3})?", fullmatch=True), VALUES, max_size=5)


def command(section: dict) -> str:
    return f"run data {to_str(section, {'bool': 'boolean_optional', 'list': 'append'})}"


@given(SECTION, SECTION)
def test_exactly_the_parameters_that_differ_are_named(old, new):
    said = parameters.changed(command(old), command(new), "run data ${x}", "", {"x": old | new})
    differ = {
        key for key in old.keys() | new.keys() if key not in old or key not in new or str(old[key]) != str(new[key])
    }
    assert {one.split()[0] for one in said} <= {f"x.{key}" for key in differ}
    types = {
        key for key in differ if key in old and key in new and command({key: old[key]}) == command({key: new[key]})
    }
    assert len(said) == len(differ - types)
