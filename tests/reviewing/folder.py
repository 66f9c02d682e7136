"""A small data folder as the pipeline leaves it after `decide`, for tests of the reviewer."""

from pathlib import Path

import msgspec
from click.testing import CliRunner

from stages import decide, disk
from stages.curation.measure import Context, measure
from stages.curation.people import Ruling
from stages.curation.scored import Opinion
from stages.records import Document, Evidence, Fact, Pair, Section

LINES = (
    "Falcon needs 14 GB of memory.",
    "Falcon was made in Abu Dhabi.",
    "Falcon reads 2,048 tokens at once.",
    "Falcon is free for all who use it.",
)
HOSTILE = (
    "<script>document.title = 'run'</script>",
    "<img src=x onerror=\"document.title = 'run'\">",
    "javascript:document.title='run'",
)
MEMORY, PLACE, TOKENS, WRONG = "memory", "place", "tokens", "wrong"  # ids of the pairs


def document(lines=LINES, **more):
    text = " ".join(lines)
    sections = [Section(heading=["Needs"], text=text, span=(0, len(text)), anchor="needs")]
    given = {"source": "falcon.md", "title": "Falcon", "base": "https://example.org/falcon"} | more
    return Document(id="d", sha256="0" * 64, sections=sections, **given)


def pair(identity, question, answer, line, *, of=None, **more):
    """Return a measured pair that stands on a line of the document."""
    of = of or document()
    start = of.text.index(line)
    evidence = [Evidence(document="d", quote=line, span=(start, start + len(line)))]
    given = {"topic": "Falcon > Needs", "origin": "generated", "form": "model", "concepts": ["Falcon"]} | more
    one = Pair(id=identity, question=question, answer=answer, facts=[f"f-{identity}"], source="falcon.md",
               evidence=evidence, **given)  # fmt: skip
    return measure(one, Context(known=f"Falcon\n{of.text}"))


def pairs():
    """Return four: one doubtful, two clear, and one with a wrong number."""
    return [
        pair(MEMORY, "How much memory does Falcon need?", LINES[0], LINES[0], scores={"rank": 0.6, "gain": 2.0}),
        pair(PLACE, "Where was Falcon made?", LINES[1], LINES[1], scores={"rank": 3.0, "gain": 0.5}),
        pair(TOKENS, "How many tokens does Falcon read?", LINES[2], LINES[2], scores={"rank": 1.5, "gain": 1.0},
             concepts=["Falcon", "2,048 tokens"]),
        pair(WRONG, "How much disk does Falcon need?", "Falcon needs 15 GB of memory.", LINES[0],
             scores={"rank": 2.0, "gain": 0.1}, concepts=["disk"]),
    ]  # fmt: skip


def made(data: Path, of=None, rulings=(), known=None, opinions=()) -> Path:
    """Write a data folder and decide on its pairs; return it."""
    disk.write(data / "refine/documents.jsonl", [known or document()])
    disk.write(data / "curate/pairs.jsonl", of or pairs())
    fact = Fact(id=f"f-{PLACE}", chunk="c", document="d", source="falcon.md", topic="Falcon", quote=LINES[1],
                span=(0, 1), statement="The model Falcon was made in Abu Dhabi.")  # fmt: skip
    disk.write(data / "chunk/facts.jsonl", [fact])
    disk.write(data / "curate/labels.jsonl", [])
    disk.write(data / "judge/labels.jsonl", [])
    disk.write(data / "judge/pairs.jsonl", opinions)
    (data / "params.yaml").write_text(
        "decide: {min-rank: 0.5, max-unknown: 4, min-mark: 0.5, min-kappa: 0.6, review: 100}\n"
    )
    write(data, *rulings)
    return decided(data)


def decided(data: Path) -> Path:
    """Run `decide` on a data folder, as `dvc repro` would; return the folder."""
    args = [data / "curate", data / "judge", data / "decisions.jsonl", data / "decide", data / "metrics/decide.json"]
    done = CliRunner().invoke(decide.main, [str(one) for one in args])
    assert done.exit_code == 0, done.output
    return data


def kept(data: Path) -> dict[str, Pair]:
    return {one.id: one for one in disk.read(data / "decide/pairs.jsonl", Pair)}


def write(data: Path, *rulings: Ruling) -> None:
    disk.write_bytes(data / "decisions.jsonl", b"".join(msgspec.json.encode(one) + b"\n" for one in rulings))


def written(data: Path) -> list[dict[str, str]]:
    return [msgspec.json.decode(line) for line in (data / "decisions.jsonl").read_bytes().splitlines()]


def opinion(identity: str, mark: float) -> Opinion:
    return Opinion(id=identity, scores={"judge": mark}, said="clarity: odd")
