"""Secrets and paths are found wherever a file carries them, and are never told themselves."""

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.sharing import leaving
from stages.sharing.leaving import Needle

SECRET = Needle("a key/of=the&tests", "A_KEY", True)
PLACE = Needle("/srv/ann/faqtune", "the path of the workspace", False)


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", data)
    return file.getvalue()


def in_page(data: bytes) -> bytes:
    return b"<script>" + base64.b64encode(gzip.compress(data)) + b"</script>"


def found(path: Path, data: bytes | bytearray, *needles: Needle) -> list[str]:
    path.write_bytes(data)
    return [one.what for one in leaving.search(path, needles or (SECRET, PLACE))]


WAYS: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, zipped, in_page]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=st.binary(max_size=300), after=st.binary(max_size=300), ways=st.lists(st.sampled_from(WAYS), max_size=3))
def test_a_secret_is_found_however_it_is_packed(tmp_path: Path, before: bytes, after: bytes, ways: list):
    data = before + SECRET.value.encode() + after
    for pack in ways:
        data = pack(data)
    assert found(tmp_path / "file", data) == ["A_KEY"]


@pytest.mark.parametrize(
    "written",
    [
        "a key/of=the&tests", json.dumps("a key/of=the&tests"), "a key/of=the&amp;tests", "a%20key%2Fof%3Dthe%26tests",
        "a%20key/of%3Dthe%26tests",
    ],
)  # fmt: skip
def test_a_secret_is_found_as_json_html_and_urls_write_it(tmp_path: Path, written: str):
    assert found(tmp_path / "file", f'x="{written}"'.encode()) == ["A_KEY"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/srv/ann/faqtune/data", True),
        ("in /srv/ann/faqtune.", True),
        ("file:///srv/ann/faqtune", True),
        ("/srv/ann/faqtune-old/data", False),
        ("/srv/ann/faqtune2", False),
    ],
)
def test_a_path_is_found_as_a_whole_only(tmp_path: Path, text: str, told: bool):
    assert bool(found(tmp_path / "file", text.encode())) is told


@pytest.mark.parametrize(
    "data", [b"", b"\x1f\x8b", gzip.compress(b"x" * 999)[:-9], b"PK\x03\x04 no zip", zipped(b"x")[:40]]
)
def test_a_damaged_archive_is_no_error(tmp_path: Path, data: bytes):
    assert found(tmp_path / "file", data) == []


def members(method: int) -> bytearray:
    """Return a zip of two members: one packed in this way, and one with the secret."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("first", b"hello" * 999, method)
        archive.writestr("second", SECRET.value, zipfile.ZIP_DEFLATED)
    return bytearray(file.getvalue())


METHODS = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
def test_behind_a_damaged_member_the_search_goes_on(tmp_path: Path, method: int):
    data = members(method)
    data[40:60] = bytes(20)
    assert found(tmp_path / "file", data) == ["A_KEY"]


def test_behind_an_encrypted_member_the_search_goes_on(tmp_path: Path):
    data = members(zipfile.ZIP_DEFLATED)
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert found(tmp_path / "file", data) == ["A_KEY"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(method=st.sampled_from(METHODS), holes=st.dictionaries(st.integers(4, 200), st.integers(0, 255), max_size=5))
def test_no_damage_of_an_archive_is_an_error(tmp_path: Path, method: int, holes: dict[int, int]):
    data = members(method)
    for place, value in holes.items():
        data[-place] = value  # where its directory is
    assert set(found(tmp_path / "file", data)) <= {"A_KEY"}


def test_all_members_of_a_gzip_are_searched_and_a_damaged_one_as_far_as_it_goes(tmp_path: Path):
    secret = gzip.compress(SECRET.value.encode() + bytes(999))
    assert found(tmp_path / "file", gzip.compress(b"first") + secret) == ["A_KEY"]
    assert found(tmp_path / "file", secret[:-8]) == ["A_KEY"]


def test_what_unpacks_to_too_much_is_said_to_be_unsearched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaving, "MOST", 1000)
    (tmp_path / "file").write_bytes(SECRET.value.encode() + in_page(b"x" * 2000))
    assert leaving.search(tmp_path / "file", [SECRET]) == [SECRET, leaving.UNREAD]


def test_secrets_are_known_by_the_names_of_variables_and_by_the_settings_of_remotes(tmp_path: Path):
    keyfile = tmp_path / "keyfile"
    keyfile.touch()
    environment = {
        "OPENAI_API_KEY": "sk-0123456789",
        "AWS_ACCESS_KEY_ID": "AKIA0123456789",
        "TEACHER": "named-in-engine-yaml",
        "SSH_KEY": str(keyfile),  # a path, and no secret
        "SHORT_TOKEN": "none",  # found everywhere
        "PATH": "/usr/bin:/usr/local/bin",
        "TOKENIZERS_PARALLELISM": "false-or-true",
        "AZURE_STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=b",
    }
    remotes = {
        "s3": {"url": "s3://bucket/path", "secret_access_key": "wJalrXUtnFEMI"},
        "dav": {
            "url": "https://ann:pass-in-url@example.org/",
            "user": "ann-of-the-tests",
            "password": "pass-in-config",
        },
    }
    told = {one.what: one.value for one in leaving.secrets(environment, remotes, ["TEACHER", "NOT_SET"])}
    assert told == {
        "OPENAI_API_KEY": "sk-0123456789",
        "AWS_ACCESS_KEY_ID": "AKIA0123456789",
        "AZURE_STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=b",
        "TEACHER": "named-in-engine-yaml",
        "secret_access_key of the remote s3": "wJalrXUtnFEMI",
        "password of the remote dav": "pass-in-config",
        "password in the url of the remote dav": "pass-in-url",
    }


def test_a_path_that_everybody_has_is_not_looked_for():
    told = {one.value for one in leaving.places(Path("/app"), Path("/root"))}
    assert "/app" not in told and "/root" not in told
    assert {"/srv/ann/faqtune", "/srv/ann"} <= {
        one.value for one in leaving.places(Path("/srv/ann/faqtune"), Path("/srv/ann"))
    }


def test_a_secret_in_a_message_is_masked():
    assert leaving.masked(f"user {SECRET.value} at {PLACE.value}", [SECRET, PLACE]) == f"user *** at {PLACE.value}"
