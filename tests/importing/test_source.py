"""A source of imported pairs: a table that the reader of FAQ tables reads back, and its entry in a manifest."""

import pytest

from stages import disk
from stages.documents.readers import read
from stages.importing import source
from stages.importing.passages import Borne
from stages.importing.reading import Given
from stages.importing.source import Imported, name_of
from stages.records import Chunk
from stages.sources import manifest

CHUNK = Chunk(id="c", document="d", source="guide.md", heading=["Use"], header="Guide > Use > A guide", text="It runs.",
              span=(0, 8), tokens=3)  # fmt: skip


def one(question: str = "Does it run?", borne: Borne | None = None) -> Imported:
    return source.imported(Given(question, "Yes, it runs `fast`.", question, "Yes, it runs fast.", None), borne)


def test_it_is_read_back_as_the_pairs_that_it_was_made_of(tmp_path):
    source.write(tmp_path, "a", [one(borne=Borne(CHUNK, "It runs.")), one("Is it fast?")], {})
    parsed = read((tmp_path / "imported" / "a.jsonl").read_bytes(), ".jsonl", None)
    found = {part.question: (part.heading, part.blocks) for part in parsed.parts}
    assert found == {
        "Does it run?": (("Guide", "Use"), ["Yes, it runs fast."]), "Is it fast?": ((), ["Yes, it runs fast."])
    }  # fmt: skip
    (dropped,) = [piece for piece in parsed.pieces if piece not in parsed.parts]
    assert dropped.text == "evidence: It runs.\ndocument: guide.md", "on record, taught to nobody"


def test_what_is_edited_in_the_manifest_stays_unless_an_option_says_otherwise(tmp_path):
    assert source.write(tmp_path, "a", [one()], {"licence": "CC0-1.0"}) == "new"
    path = tmp_path / source.MANIFEST
    path.write_text(path.read_text().replace("weight: 0.5", "weight: 3.0").replace("title: a", "title: Ünsere FAQ"))
    assert source.write(tmp_path, "a", [one()], {}) == "unchanged"
    assert source.write(tmp_path, "a", [one("Is it fast?")], {"trust": 0.9}) == "replaced"
    (entry,) = manifest.read(path).entries
    assert (entry.title, entry.licence, entry.weight, entry.trust) == ("Ünsere FAQ", "CC0-1.0", 3.0, 0.9)
    assert [pair.question for pair in disk.read(tmp_path / "imported" / "a.jsonl", Imported)] == ["Is it fast?"]


def test_what_somebody_added_to_the_manifest_stays_with_its_pins(tmp_path):
    source.write(tmp_path, "b", [one()], {})
    path = tmp_path / source.MANIFEST
    urls = [f"https://example.org/{name}.md" for name in "ab"]
    added = "".join(f"- url: {url}\n" for url in urls) + "- glob: '*.md'\n  licence: MIT\n"
    pins = "".join(f"- {{url: {url}, sha256: '{'0' * 64}'}}\n" for url in urls)
    path.write_text(f"{path.read_text()}{added}pinned:\n{pins}")
    before = manifest.read(path)
    source.write(tmp_path, "a", [one()], {})
    after = manifest.read(path)
    assert [str(entry) for entry in after.entries] == ["path: imported/a.jsonl", *map(str, before.entries)]
    assert after.pins == before.pins and [pin.url for pin in after.pins] == urls
    assert source.write(tmp_path, "a", [one()], {}) == "unchanged"


def test_the_order_of_imports_leaves_no_trace(tmp_path):
    for folder, names in (("x", "ab"), ("y", "ba")):
        for name in names:
            source.write(tmp_path / folder, name, [one()], {})
    assert (tmp_path / "x" / source.MANIFEST).read_bytes() == (tmp_path / "y" / source.MANIFEST).read_bytes()


@pytest.mark.parametrize(
    "text, name",
    [("data", "data"), ("../../etc/passwd", "etc-passwd"), (".hidden", "hidden"), ("a\x1b[31m b", "a-31m-b"),
     ("préguntas v1.2", "préguntas-v1.2"), ("..", ""), ("", "")],
)  # fmt: skip
def test_a_name_is_a_plain_file_that_is_not_hidden(text, name):
    assert name_of(text) == name
