"""What differs is told in lines; no text of a document moves the cursor or forges a line."""

from stages.drift import difference, terminal
from tests.drift.dataset import dataset, written

OLD = {
    "a.md": ["The valve opens at a pressure of three bar.", "The fan turns clockwise."],
    "b.md": ["The relay clicks."],
}
NEW = {"a.md": ["The valve opens at a pressure of four bar."], "c.md": ["The motor is greased."]}


def told(tmp_path, capsys, old, new, most=0):
    terminal.show(difference.compare(dataset(tmp_path / "before", old), dataset(tmp_path / "after", new)), most)
    return capsys.readouterr().out


def test_each_line_has_its_mark_and_its_reason(tmp_path, capsys):
    assert told(tmp_path, capsys, OLD, NEW).startswith(
        """\
before → after

parameters  0 changed

documents   1 added, 1 changed, 1 removed; 0 are the same
  - b.md
  ~ a.md
  + c.md

facts       1 added, 1 changed, 2 retired; 0 keep their ids
 a.md
  - The fan turns clockwise.
      its words are no longer in the document
  ~ The valve opens at a pressure of [-three-]{+four+} bar.
      its words were edited
 b.md
  - The relay clicks.
      the document was removed
 c.md
  + The motor is greased.

pairs       1 added, 1 changed, 2 retired; 0 keep their ids
"""
    )


def test_of_many_only_the_first_are_shown_and_the_others_counted(tmp_path, capsys):
    parts = "pump valve fan relay motor screen cable".split()
    said = told(tmp_path, capsys, {"a.md": [f"The {part} clicks." for part in parts]}, {}, 2)
    assert "… and 5 retired: --most 0 shows all" in said and said.count("The pump clicks.") == 1
    assert "The cable clicks." not in said


def test_texts_of_documents_do_a_terminal_no_harm(tmp_path, capsys):
    evil = "The \x1b[2J\x1b]0;owned\x07 valve\u202e opens\nfacts       0 added \x9b31m"
    said = told(tmp_path, capsys, {"\x1b[31ma.md": [evil]}, {evil + ".md": [evil + " now"]})
    assert all(letter.isprintable() for letter in said.replace("\n", ""))
    assert not [line for line in said.splitlines() if line.startswith("facts       0 added")]


def test_stages_that_are_not_up_to_date_come_first(tmp_path, capsys):
    version = written(tmp_path, {})
    terminal.show(difference.compare(version, version, ["chunk: will run: code changed: \x1b[1mx"]), 20)
    first, second, third = capsys.readouterr().out.splitlines()[:3]
    assert second == "not up to date: chunk: will run: code changed: ?[1mx" and "dvc repro split" in third
