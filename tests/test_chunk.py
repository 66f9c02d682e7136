import json
import shutil

import pytest
from click.testing import CliRunner

from stages import chunk as stage
from stages import disk, records
from stages.records import Chunk, Document, Fact, Section

FIRST = "Llama 2 was released by Meta in July 2023. It is free.\n\n- Llama 2 70B needs 8 processes of torchrun."
SECOND = "Use --enable_fsdp to train Llama 2 on several GPUs.\n\n```\nrun\n```"


def document(source, *texts):
    sections, start = [], 0
    for number, text in enumerate(texts):
        sections.append(Section(heading=[f"Part {number}"], text=text, span=(start, start + len(text))))
        start += len(text) + 2
    return Document(id=records.content_id(source, texts), source=source, sha256="0", title="Guide", sections=sections)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "counter", lambda student, revision: ("words", lambda text: len(text.split())))

    def run(documents, *options, name="out"):
        disk.write(tmp_path / "in.jsonl", documents)
        arguments = [tmp_path / "in.jsonl", tmp_path / name, tmp_path / "metrics" / "chunk.json", *options]
        result = CliRunner().invoke(stage.main, [str(argument) for argument in arguments])
        metrics = tmp_path / "metrics" / "chunk.json"
        return result, tmp_path / name, json.loads(metrics.read_text()) if metrics.exists() else {}

    return run


def test_writes_chunks_facts_and_rejects_that_add_up(run):
    result, output, metrics = run([document("a.md", FIRST, SECOND), document("b.md", "Too short.")])
    assert result.exit_code == 0, result.output
    chunks, kept = disk.read(output / "chunks.jsonl", Chunk), disk.read(output / "facts.jsonl", Fact)
    rejected = disk.read(output / "rejected.jsonl", records.Reject)
    assert {fact.chunk for fact in kept} <= {chunk.id for chunk in chunks}
    assert metrics["in"] == metrics["kept"] + sum(metrics["rejected"].values()) == len(kept) + len(rejected)
    assert metrics["rejected"] == {"code": 1, "too_short": 2}
    assert (metrics["documents"], metrics["chunks"], metrics["chunks_without_facts"]) == (2, 3, 1)
    assert metrics["tokens"]["max"] == max(chunk.tokens for chunk in chunks)


def test_options_reach_the_rules(run):
    _, _, metrics = run([document("a.md", FIRST)], "--max-tokens", "8", "--min-words", "3", "--max-words", "7")
    assert metrics["chunks"] > 1
    assert metrics["rejected"] == {"too_long": 2}  # "It is free" is said of Llama 2
    assert metrics["over_budget"] == 2


def test_the_same_input_gives_the_same_bytes(run):
    documents = [document("a.md", FIRST, SECOND), document("b.md", SECOND)]
    _, one, _ = run(documents, name="one")
    _, two, _ = run(documents[::-1], name="two")
    for name in ("chunks.jsonl", "facts.jsonl", "rejected.jsonl"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_an_edit_changes_no_id_elsewhere(run):
    _, one, _ = run([document("a.md", FIRST, SECOND)], name="one")
    _, two, _ = run([document("a.md", "Meta also offers Code Llama in four sizes. " + FIRST, SECOND)], name="two")
    before = {fact.id for fact in disk.read(one / "facts.jsonl", Fact)}
    after = {fact.id for fact in disk.read(two / "facts.jsonl", Fact)}
    assert before < after
    assert len(after - before) == 1


def test_a_wrong_span_is_told_with_the_file(run):
    broken = document("a.md", FIRST)
    broken.sections[0].span = (0, 3)
    result, _, _ = run([broken])
    assert result.exit_code == 1
    assert "in.jsonl" in result.output
    assert "a.md" in result.output


def test_nothing_in_loads_no_tokenizer(run, monkeypatch):
    monkeypatch.setattr(stage, "counter", None)
    result, output, metrics = run([])
    assert result.exit_code == 0, result.output
    assert metrics["in"] == 0
    assert disk.read(output / "facts.jsonl", Fact) == []


def test_of_many_documents_only_the_edited_one_is_cut_again(run, tmp_path):
    documents = [document(f"{n}.md", FIRST, f"{SECOND}\n\nNumber {n} is Llama 2.") for n in range(5)]
    run(documents, name="first")
    documents[2] = document("2.md", FIRST, "Another text about Llama 2 and Code Llama stands here.")
    result, part, _ = run(documents, name="part")
    assert "1 documents cut, 4 known from before" in result.stderr
    shutil.rmtree(tmp_path / "cache")
    _, whole, _ = run(documents, name="whole")
    for name in ("chunks.jsonl", "facts.jsonl", "rejected.jsonl"):
        assert (part / name).read_bytes() == (whole / name).read_bytes()


def test_another_budget_cuts_everything_again(run):
    run([document("a.md", FIRST)])
    assert "1 documents cut" in run([document("a.md", FIRST)], "--max-tokens", "8")[0].stderr


def test_a_chunk_may_repeat_sentences(run):
    _, output, _ = run([document("a.md", FIRST)], "--max-tokens", "12", "--overlap", "1")
    assert any(chunk.overlap for chunk in disk.read(output / "chunks.jsonl", Chunk))
