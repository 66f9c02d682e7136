"""The database hides no text in which the rules find something, and no find is shown whole."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, example_number, format_number, supported_calling_codes
from phonenumbers import region_code_for_country_code as region
from phonenumbers.phonenumberutil import _VALID_PUNCTUATION as VALID_PUNCTUATION

from stages.exploring import personal
from stages.quality import privacy
from tests.exploring.files import asked

KINDS = (
    "jane.doe@company.io", "+1 650-253-0000", "(650) 253-0000", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00",
    "536-90-4399", "52.95.110.1", "2600:1f18::1", "hf_abcdefgh1234567890XYZ", "postgres://admin:hunter22x@db.company.io",
    "ghp_abcdefghij1234567890ABCDEFGHIJ12", "AKIAABCDEFGH12345678", "١٢٣-٤٥٦-٧٨٩٠", "+44 20 7946 0958 x12",
)  # fmt: skip
FILLER = st.text(st.sampled_from("ab1 .-(x\n:5é"), max_size=12)


def seen(texts: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder, asked(Path(folder), [{"t": text} for text in texts]) as dataset:
        (found,) = personal.personal(dataset, ["t"])
    return found.rows


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(FILLER, st.sampled_from([*KINDS, ""]), FILLER).map("".join), min_size=1, max_size=20))
def test_no_text_with_a_find_is_left_out(texts):
    assert seen(texts) == sum(bool(privacy.find(text)) for text in texts)


def test_numbers_of_all_countries_reach_the_rules():
    numbers = [example_number(region(code)) for code in supported_calling_codes() if region(code) != "001"]
    styles = (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164)
    texts = [f"Call {format_number(number, style)} now." for number in numbers if number for style in styles]
    expected = sum(bool(privacy.find(text)) for text in texts)
    assert expected > 300 and seen(texts) == expected


def test_a_number_reaches_the_rules_whatever_stands_between_its_digits():
    texts = [f"Call +49{mark}30{mark}901820." for mark in VALID_PUNCTUATION if mark.isprintable()]
    assert seen(texts) == sum(bool(privacy.find(text)) for text in texts) > 10


def test_each_mark_of_a_secret_reaches_the_rules():
    with tempfile.TemporaryDirectory() as folder, asked(Path(folder), [{"t": mark} for mark in privacy._MARKS]) as data:
        ((count,),) = data.ask(
            f"select count(*) from (select json_extract_string(json, '$.t') t from data) where {personal.MAYBE}"
        )
    assert count == len(privacy._MARKS)


def test_a_find_is_counted_by_kind_and_never_shown_whole(tmp_path):
    rows = [
        {"t": "Write to jane.doe@company.io or john.roe@company.io."},
        {"t": "Host 52.95.110.1"},
        {"t": "Nothing."},
    ]
    with asked(tmp_path, rows) as dataset:
        (found,) = personal.personal(dataset, ["t"])
    assert (found.rows, found.kinds) == (2, {"EMAIL": 2, "IP": 1})
    assert found.examples == {"EMAIL": ["ja… (19 characters)", "jo… (19 characters)"], "IP": ["52… (11 characters)"]}
