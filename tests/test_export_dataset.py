"""The exported dataset is what was trained on, is read back by `datasets` and pandas, and says where it comes from."""

import hashlib
import json
import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from stages import disk
from stages.curation.scored import Labelled
from stages.export_dataset import main
from stages.exporting.shapes import SHAPES
from stages.mixing.rows import of_pair
from stages.records import Message, Pair, Row, Source, content_id
from tests.exporting.taking_hub import TakingHub, taking
from tests.test_report import EVIL, made
from tests.workspace import Workspace

SYSTEM, REFUSAL = "Answer questions about models.", "I do not know."
SPLITS = ("train", "reworded", "held_out")
LOCK = """stages:
  filter: {cmd: python -m stages.filter a b --allow '*@example.org' --allow '+1 555*'}
  generate:
    cmd: python -m stages.generate a b --model big/teacher --revision r7 --endpoint lab --scorer embedded
    deps: [{path: prompts/answer_first.jinja, md5: 0123abcd}, {path: stages/generate.py, md5: '1'}]
  judge: {cmd: python -m stages.judge a b --model none --revision main --endpoint embedded, deps: []}
  augment: {cmd: python -m stages.augment a b --model big/teacher --revision r7 --forms terse, deps: []}
"""


def filled(data: Path) -> Path:
    """Add to the report's data folder what an export reads besides."""
    made(data)
    disk.write(
        data / "collect" / "sources.jsonl",
        [
            Source(id="d0", path="d0.md", file="d0.md", sha256="0", licence="Apache-2.0"),
            Source(id="d1", path="d1.md", file="d1.md", sha256="0", licence=f"Secret | {EVIL}"),
        ],
    )
    pairs = disk.read(data / "augment" / "pairs.jsonl", Pair)
    pairs[0] = msgspec.structs.replace(pairs[0], model="big/teacher@r7", prompt="89abcdef", scores={"rank": 2.5})
    pairs[1] = msgspec.structs.replace(pairs[1], form="written", weight=0.5, link="https://example.org/a")
    pairs[3] = msgspec.structs.replace(pairs[3], origin="reviewer")
    pairs[4] = msgspec.structs.replace(pairs[4], origin="seed")
    pairs[2] = msgspec.structs.replace(
        pairs[2],
        question="And é \u2028 of it?",
        turns=[Message(role="user", content="What is it?"), Message(role="assistant", content="A <b>model</b>.")],
        evidence=[msgspec.structs.replace(pairs[2].evidence[0], document=name) for name in ("d0", "d1")],
    )
    disk.write(data / "augment" / "pairs.jsonl", pairs)
    rows = [of_pair(pair, SYSTEM) for pair in pairs] + [of_pair(pairs[0], SYSTEM, repeat=1)]
    for number in range(7):
        chat = [Message(role="system", content=SYSTEM), Message(role="user", content=f"What of {number}?")]
        answer = [Message(role="assistant", content=REFUSAL)]
        rows.append(
            Row(id=content_id("no", number), pair=f"no-{number}", origin="refusal", prompt=chat, completion=answer)
        )
    disk.write(data / "mix" / "train.jsonl", rows)
    trained = (data / "mix" / "train.jsonl").read_bytes().rstrip(b"\n")
    for name, digest in (("attention", hashlib.sha256(trained).hexdigest()), ("all-linear", "0")):
        disk.write_json(data / "adapters" / name / "training.json", {"data": {"sha256": digest}})
    disk.write_json(
        data / "split" / "contamination.json",
        {"faq": {"items": 9, "leaked": 2, "rows_removed": 4, "rows_flagged": 0, "kinds": {}, "examples": []}},
    )
    for name, more in (("filter", {"masked": {"EMAIL": 3, "PHONE": 1}, "flagged": 0}), ("split", {"review": 0}),
                       ("decide", {"decisions": 2, "judged": 0, "review": 6})):  # fmt: skip
        file = data / "metrics" / f"{name}.json"
        disk.write_json(file, json.loads(file.read_text()) | more)
    impact = json.loads((data / "decide" / "filter_impact.json").read_text())
    impact["false_rejects"]["any"]["rejects"] = 8
    disk.write_json(data / "decide" / "filter_impact.json", impact)
    label = msgspec.to_builtins(pairs[0]) | {"valid": True, "who": f"a person {EVIL}"}
    labels = [msgspec.convert(label | {"id": str(number)}, Labelled) for number in range(50)]
    disk.write(data / "curate" / "labels.jsonl", labels)
    (data.parent / "dvc.lock").write_text(LOCK)
    return data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("project") / "data")


def export(data: Path, out: Path, *options: str) -> str:
    result = CliRunner().invoke(main, [str(out), "--data", str(data), *options])
    assert result.exit_code == 0, result.output
    return result.output


def refused(data: Path, out: Path, *options: str) -> str:
    """Return what a run that must fail says; it leaves nothing behind."""
    result = CliRunner().invoke(main, [str(out), "--data", str(data), *options])
    assert result.exit_code and isinstance(result.exception, SystemExit), result.output
    return result.output


@pytest.fixture(scope="module")
def exports(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the export in each kind of file."""
    folder = tmp_path_factory.mktemp("out")
    for kind in ("jsonl", "parquet", "both"):
        export(data, folder / kind, "--files", kind)
    return {kind: folder / kind for kind in ("jsonl", "parquet", "both")}


def written(folder: Path, form: str) -> dict[str, list[Any]]:
    """Return the records of a format as they stand in its JSON Lines, by split."""
    return {name: [json.loads(line) for line in (folder / form / f"{name}.jsonl").read_bytes().splitlines()]
            for name in SPLITS}  # fmt: skip


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.parametrize("form", [*SHAPES])
def test_datasets_reads_back_every_format_from_every_kind_of_file(
    form: str, kind: str, exports: dict[str, Path], tmp_path: Path
):
    from datasets import load_dataset

    found = load_dataset(str(exports[kind]), form, cache_dir=str(tmp_path))
    expected = written(exports["jsonl"], form)
    assert {name: split.num_rows for name, split in found.items()} == {name: len(expected[name]) for name in SPLITS}
    for name in SPLITS:
        assert digest(list(found[name])) == digest(expected[name])


def digest(records: list[Any]) -> str:
    return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()


def test_pandas_reads_the_parquet_files(exports: dict[str, Path]):
    import pandas

    table = pandas.read_parquet(exports["both"] / "alpaca" / "train.parquet")
    assert list(table["output"]) == [one["output"] for one in written(exports["both"], "alpaca")["train"]]


def test_the_training_rows_are_those_that_adapters_are_trained_on(data: Path, exports: dict[str, Path]):
    rows = disk.read(data / "mix" / "train.jsonl", Row)
    found = written(exports["jsonl"], "prompt-completion")
    said = [(one["id"], one["pair"], one["prompt"], one["completion"], one["weight"]) for one in found["train"]]
    assert said == [
        (row.id, row.pair, msgspec.to_builtins(row.prompt), msgspec.to_builtins(row.completion), row.weight)
        for row in rows
    ]
    asked = {one["prompt"][-1]["content"] for one in found["train"]}
    for name in ("reworded", "held_out"):
        pairs = disk.read(data / "split" / f"{name}.jsonl", Pair)
        assert [one["pair"] for one in found[name]] == [pair.id for pair in pairs]
        assert all(one["prompt"][0] == {"role": "system", "content": SYSTEM} for one in found[name])
        assert not asked & {one["prompt"][-1]["content"] for one in found[name]}


def test_a_curriculum_keeps_its_order(data: Path, tmp_path: Path):
    shutil.copytree(data.parent, tmp_path / "project")
    own = tmp_path / "project" / "data"
    rows = disk.read(own / "mix" / "train.jsonl", Row)
    ordered = [msgspec.structs.replace(row, order=len(rows) - place) for place, row in enumerate(rows)]
    disk.write(own / "mix" / "train.jsonl", ordered)
    export(own, tmp_path / "out", "--format", "messages", "--files", "jsonl")
    assert [one["id"] for one in written(tmp_path / "out", "messages")["train"]] == [row.id for row in rows][::-1]
    assert "in the order of a curriculum" in (tmp_path / "out" / "README.md").read_text()


def test_a_row_says_where_it_comes_from(data: Path, exports: dict[str, Path]):
    rows = {one["pair"]: one for one in written(exports["jsonl"], "sharegpt")["train"]}
    by_teacher = next(one for one in rows.values() if one["teacher"])
    assert (by_teacher["teacher"], by_teacher["prompt_hash"]) == ("big/teacher@r7", "89abcdef")
    assert by_teacher["scores"] == {"rank": 2.5} and by_teacher["split"] == "train"
    two = next(one for one in rows.values() if len(one["evidence"]) == 2)
    assert two["licence"] == f"Apache-2.0 AND Secret | {EVIL}"
    assert [one["source"] for one in two["evidence"]] == ["d0.md", "d1.md"]
    refusal = rows["no-0"]
    assert (refusal["origin"], refusal["source"], refusal["evidence"]) == ("refusal", None, [])
    assert refusal["scores"] == {"rank": None}


def test_provenance_can_be_left_out_and_is_never_in_the_format_that_forbids_it(
    data: Path, exports: dict[str, Path], tmp_path: Path
):
    export(data, tmp_path / "out", "--no-provenance", "--files", "jsonl")
    for form, shape in SHAPES.items():
        for name, records in written(tmp_path / "out", form).items():
            assert {tuple(one) for one in records} == {tuple(shape.columns.names)}, (form, name)
    assert {tuple(one) for one in written(exports["jsonl"], "openai")["train"]} == {("messages",)}
    export(data, tmp_path / "openai", "--format", "openai")
    for name in ("out", "openai"):
        card = (tmp_path / name / "README.md").read_text()
        assert "no columns of provenance" in card and "`evidence`" not in card


def test_the_accepted_pairs_alone_have_neither_system_prompt_nor_refusals(data: Path, tmp_path: Path):
    said = export(data, tmp_path / "out", "--rows", "pairs", "--format", "messages", "--files", "jsonl")
    pairs = disk.read(data / "augment" / "pairs.jsonl", Pair)
    found = written(tmp_path / "out", "messages")["train"]
    assert [one["pair"] for one in found] == [pair.id for pair in pairs]
    assert not any(message["role"] == "system" for one in found for message in one["messages"])
    assert sorted({len(one["messages"]) for one in found}) == [2, 4], "a follow-up has its turns"
    assert f"train {len(pairs)}, reworded" in said and sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "README.md", "SHA256SUMS", "messages",
    ]  # fmt: skip


def test_the_same_run_is_the_same_bytes_and_an_earlier_export_is_replaced(
    data: Path, exports: dict[str, Path], tmp_path
):
    def contents(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    export(data, tmp_path / "out", "--rows", "pairs", "--format", "openai")
    export(data, tmp_path / "out")
    assert contents(tmp_path / "out") == contents(exports["both"])
    sums = dict(line.split("  ")[::-1] for line in (tmp_path / "out" / "SHA256SUMS").read_text().splitlines())
    found = contents(tmp_path / "out")
    assert sums == {name: hashlib.sha256(one).hexdigest() for name, one in found.items() if name != "SHA256SUMS"}
    card = found["README.md"].decode()
    assert all(f"| `{name}` | {digest} |" in card for name, digest in sums.items() if name != "README.md")


@pytest.fixture(scope="module")
def card(exports: dict[str, Path]) -> str:
    return (exports["both"] / "README.md").read_text()


def test_the_card_says_of_the_run_what_its_files_say(data: Path, card: str):
    rows, pairs = (len(disk.read(data / "mix" / "train.jsonl", Row)), disk.read(data / "augment" / "pairs.jsonl", Pair))
    spoken = card.replace("\\", "")
    for line in [
        f"| train | {rows} | for training |",
        "The adapter attention was trained on exactly these training rows",
        "The adapter all-linear was trained on other rows than these",
        f"System prompt: “{SYSTEM}”.",
        "Training rows with a weight other than 1: 1;",
        "Training rows that repeat a pair, as the mixture asks for: 1.",
        "Training rows that are follow-up questions after earlier turns: 1.",
        f"| rules | {len(pairs) - 4} |",
        "| whoever wrote the given questions (`wordings.jsonl`) | 1 |",
        "| whoever wrote the tables of questions among the documents | 1 |",
        "| people, who edited a pair | 1 |",
        "| the model big/teacher@r7, prompt template 89abcdef (SHA-256, 16 digits) | 2 |",
        "| generate | big/teacher | r7 | lab |",
        "prompts/answer_first.jinja 0123abcd.",
        "| decide | 146 pairs | 126 pairs | ungrounded 12, low gain 8 |",
        "| faq | 9 | 2 | 4 | 0 |",
        "Masked in the documents: EMAIL 3, PHONE 1.",
        "Public contacts that stay: *@example.org, +1 555*.",
        "37 of 42 (88 %, 95 % interval 75 to 95 %) of those past the gates are valid",
        "the gates reject 3 of 40 (8 %, 95 % interval 3 to 20 %)",
        "Pairs that people decided: 2; that a model judged: 0.",
        f"Rows that refuse all give the answer “{REFUSAL}”",
        "Training rows of no document (refusals and general instructions): 7;",
    ]:
        assert line in spoken, line
    assert "| judge |" not in spoken and "| augment | big/teacher" not in spoken, "they asked nobody"


def test_every_heading_and_table_of_the_card_stands_after_a_blank_line(card: str):
    lines = card.split("---\n", 2)[2].splitlines()
    headings = [number for number, line in enumerate(lines) if re.match("#+ ", line) and number]
    assert len(headings) == 9 and all(lines[number - 1] == "" == lines[number + 1] for number in headings)
    for before, line in pairwise(lines):
        assert not line.startswith("|") or before == "" or before.startswith("|"), line


def test_the_card_tells_facts_without_a_pair_from_those_that_only_given_questions_ask_for(
    data: Path, card: str, tmp_path: Path
):
    facts, covered = map(int, re.findall(r"Of (\d+) facts, (\d+) have a pair", card)[0])
    missing = f"Facts without a pair: {facts - covered};"
    assert 0 < covered < facts and missing in card and "questions were all given" not in card
    shutil.copytree(data.parent, tmp_path / "project")
    own = tmp_path / "project" / "data"
    asked = disk.read(own / "augment" / "pairs.jsonl", Pair)[1].facts[0]
    for name in ("augment/pairs.jsonl", "split/reworded.jsonl", "split/held_out.jsonl"):
        pairs = disk.read(own / name, Pair)
        disk.write(own / name, [msgspec.structs.replace(p, form="written") if asked in p.facts else p for p in pairs])
    export(own, tmp_path / "out", "--format", "openai")
    told = (tmp_path / "out" / "README.md").read_text()
    assert missing in told and "none that the pipeline made is here: 1." in told


def test_an_adapter_of_other_rows_is_told_on_the_command_line(data: Path, tmp_path: Path):
    said = export(data, tmp_path / "out", "--format", "openai")
    assert f"the adapter all-linear in {data / 'adapters'} was trained on other rows than these" in said
    assert "adapter attention" not in said


def test_texts_of_documents_do_nothing_in_the_card(card: str):
    body = card.split("---\n", 2)[2]
    assert "script" in body and EVIL not in body
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body)
    inner = [child for one in tokens for child in one.children or []]
    assert not {"html_block", "html_inline", "image"} & {one.type for one in [*tokens, *inner]}
    assert {str(one.attrs["href"]) for one in inner if one.type == "link_open"} == {
        "https://example.org/models?a=1&b=2"
    }
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", card)


def test_the_head_of_the_card_has_the_licences_as_the_hub_knows_them(card: str):
    assert "license:\n- apache-2.0\n- other\n- unknown\n" in card, "refusals and replay are of no document"


@pytest.mark.parametrize(
    ("missing", "stage"),
    [("mix/train.jsonl", "mix"), ("augment/pairs.jsonl", "augment"), ("split/held_out.jsonl", "split"),
     ("collect/sources.jsonl", "collect"), ("metrics/decide.json", "decide"), ("split/contamination.json", "split")],
)  # fmt: skip
def test_what_is_missing_names_the_stage_to_run(missing: str, stage: str, data: Path, tmp_path: Path):
    shutil.copytree(data.parent, tmp_path / "project")
    (tmp_path / "project" / "data" / missing).unlink()
    said = refused(tmp_path / "project" / "data", tmp_path / "out")
    assert missing in said and f"dvc repro {stage}" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"data": {}}'])
def test_an_adapter_whose_record_cannot_be_read_is_named(text: str, data: Path, tmp_path: Path):
    shutil.copytree(data.parent, tmp_path / "project")
    (tmp_path / "project" / "data" / "adapters" / "attention" / "training.json").write_text(text)
    said = refused(tmp_path / "project" / "data", tmp_path / "out")
    assert "expected data.sha256 in a training.json" in said and "train again" in said


def test_files_of_two_runs_are_noticed(data: Path, tmp_path: Path):
    shutil.copytree(data.parent, tmp_path / "project")
    own = tmp_path / "project" / "data"
    held_out = disk.read(own / "split" / "held_out.jsonl", Pair)
    rows = disk.read(own / "mix" / "train.jsonl", Row)
    disk.write(own / "mix" / "train.jsonl", [*rows, of_pair(held_out[0], SYSTEM)])
    assert "they are of two runs" in refused(own, tmp_path / "out")
    asks = msgspec.structs.replace(of_pair(held_out[0], SYSTEM), pair="no-9", origin="refusal")
    disk.write(own / "mix" / "train.jsonl", [*rows, asks])
    assert f"{held_out[0].id} is for evaluation" in refused(own, tmp_path / "out")


def test_options_that_cannot_be_are_refused_before_anything_is_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from huggingface_hub import constants

    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    assert "--private needs --push" in refused(data, tmp_path / "out", "--private")
    for name in ("../x", "me/fa--q"):
        assert "expected OWNER/NAME" in refused(data, tmp_path / "out", "--push", name)
    assert "no token" in refused(data, tmp_path / "out", "--push", "me/faq")
    assert "name a new folder" in refused(data, data / "mix", "--force")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("a")
    assert "a.txt would be lost" in refused(data, tmp_path / "mine")
    assert not (tmp_path / "out").exists() and [*(tmp_path / "mine").iterdir()] == [tmp_path / "mine" / "a.txt"]


def test_an_export_is_uploaded_under_the_name_by_which_its_card_loads_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from huggingface_hub import constants

    monkeypatch.setenv("HF_TOKEN", "hf_doNotTellAnybody")
    with taking(TakingHub()) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        said = export(data, tmp_path / "out", "--format", "alpaca", "--push", "me/faq", "--private")
    assert f"{hub.url}/datasets/me/faq" in said and "hf_do" not in said and hub.private == {"me/faq"}
    found = hub.datasets["me/faq"]
    assert {name: (tmp_path / "out" / name).read_bytes() for name in found} == found and len(found) == 8
    assert b'load_dataset("me/faq", "alpaca")' in found["README.md"]


def test_a_run_of_the_pipeline_is_exported_as_it_was_trained(built: Workspace, tmp_path: Path):
    export(built.folder / "data", tmp_path / "out")
    kept = json.loads((built.folder / "data" / "metrics" / "mix.json").read_text())["kept"]
    card = (tmp_path / "out" / "README.md").read_text()
    assert {form: len(records["train"]) for form in SHAPES for records in [written(tmp_path / "out", form)]} == (
        dict.fromkeys(SHAPES, kept)
    )
    for adapter in ("attention", "all-linear"):
        assert f"The adapter {adapter} was trained on exactly these training rows" in card
    assert re.search(r"\| the model m\\@1.*\| [1-9]", card), "what the teacher wrote is counted"
