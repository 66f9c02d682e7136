"""A tuned model is exported whole or not at all, and llama.cpp says of it what transformers says."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from stages import disk
from stages.export_model import main
from stages.exporting import files, served
from stages.quality.leaks import FaqItem, read_faq
from stages.tuning import gguf_adapter, merging, models
from tests.tuning import gguf_file
from tests.tuning.test_gguf_adapter import adapter as random_adapter

HERE = Path.cwd()
SYSTEM = "Be brief."


@pytest.fixture(scope="module")
def adapter(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "my adapter"
    random_adapter(str(tiny_llama), folder, scale=0.1)
    return folder


@pytest.fixture(autouse=True)
def no_pipeline_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    asked = ["What is the context length?", "Who made Llama 2?", "Llama – naïve?", "How many\nlayers?"]
    disk.write(
        tmp_path / "faq.jsonl",
        [FaqItem(id=str(n), question=q, answer="A.", answerable=n > 0) for n, q in enumerate(asked)],
    )
    return tmp_path / "faq.jsonl"


def export(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def test_all_formats_are_there_and_llama_cpp_says_what_transformers_says(tiny_llama, adapter, faq, tmp_path):
    student = gguf_file.write(tiny_llama, tmp_path / "Tiny.F32.gguf")
    said = export(
        adapter, "out", "--student", student, "--system", SYSTEM, "--gguf", "f32", "--verify", "4", "--questions", faq
    )
    assert "formats: adapter, merged, gguf-adapter, gguf" in said and "Converting and de-quantizing" not in said
    alike = "of 4 prompts 4 are read as the same tokens as in transformers (torch.float32), of the answers 4 have"
    assert f"merged.gguf (f32): {alike}" in said and f"adapter.gguf on Tiny.F32.gguf: {alike}" in said
    out = tmp_path / "out"
    manifest = json.loads((out / "export.json").read_text())
    rest = {"export.json", files.SUMS}
    assert manifest["files"].keys() == set(files.names(out)) - rest
    assert all(one["sha256"] == files.digest(out / name) for name, one in manifest["files"].items())
    assert manifest["base"]["name"] == "Tiny.F32.gguf" and manifest["adapter"]["rank"] == 8
    assert manifest["formats"] == {
        "adapter": "as trained", "merged": "float32", "gguf-adapter": "float16", "gguf": "f32"
    }  # fmt: skip
    assert (out / "adapter" / "adapter_model.safetensors").read_bytes() == (
        adapter / "adapter_model.safetensors"
    ).read_bytes()
    assert (out / "adapter" / "chat_template.jinja").exists(), "the folder had no tokenizer"
    assert "FROM ./merged.gguf" in (out / "Modelfile").read_text()
    assert f'SYSTEM """{SYSTEM}"""' in (out / "Modelfile").read_text()
    told = (out / "SERVING.md").read_text()
    assert "--lora-modules my-adapter=./adapter" in told
    assert "ollama run my-adapter 'Who made Llama 2?'" in told, "the first one that can be answered"
    assert "How well it does" not in told, "nobody evaluated it"
    texts = [one for one in out.rglob("*") if one.suffix in (".json", ".md", ".jinja", "") and one.is_file()]
    assert not [one.name for one in texts if str(tmp_path) in one.read_text() or str(adapter) in one.read_text()]


def test_the_same_export_is_the_same_bytes_and_replaces_an_earlier_one(tiny_llama, adapter, tmp_path):
    given = ["--student", tiny_llama, "--what", "merged", "--what", "gguf", "--gguf", "q8_0"]
    export(adapter, "one", *given)
    export(adapter, "two", "--student", tiny_llama, "--what", "adapter")
    export(adapter, "two", *given)
    assert files.names(tmp_path / "one") == files.names(tmp_path / "two")
    assert (tmp_path / "one" / files.SUMS).read_bytes() == (tmp_path / "two" / files.SUMS).read_bytes()


def test_what_is_no_export_is_kept(tiny_llama, adapter, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    said = export(adapter, "out", "--student", tiny_llama, "--what", "adapter", code=1)
    assert "out is not empty" in said and "notes.txt" in said and "--force" in said
    assert files.names(tmp_path / "out") == ["notes.txt"]
    export(adapter, "out", "--student", tiny_llama, "--what", "adapter", "--force")
    assert not (tmp_path / "out" / "notes.txt").exists()


def test_what_is_not_possible_is_left_out_with_its_reason_but_not_if_it_was_asked_for(tiny_llama, tmp_path):
    random_adapter(str(tiny_llama), tmp_path / "dora", ["q_proj"], use_dora=True)
    said = export(tmp_path / "dora", "out", "--student", tiny_llama)
    assert "not written: gguf-adapter: dora: llama.cpp has no DoRA adapters" in said
    assert "formats: adapter, merged, gguf\n" in said
    told = (tmp_path / "out" / "SERVING.md").read_text()
    assert "DoRA" in told and str(tmp_path) not in told
    said = export("dora", "asked", "--student", tiny_llama, "--what", "gguf-adapter", code=1)
    assert (
        said
        == "Error: export_model: gguf-adapter: dora: llama.cpp has no DoRA adapters; merge it into the model instead\n"
    )
    assert not (tmp_path / "asked").exists() and not list(tmp_path.glob(".asked*"))


def test_of_a_student_that_llama_cpp_has_not_the_reason_names_no_path(tiny_llama, adapter, tmp_path):
    shutil.copytree(tiny_llama, tmp_path / "other")
    config = json.loads((tiny_llama / "config.json").read_text())
    changed = {"model_type": "mistral", "architectures": ["MistralForCausalLM"]}
    (tmp_path / "other" / "config.json").write_text(json.dumps(config | changed))
    said = export(adapter, "out", "--student", tmp_path / "other")
    assert "not written: gguf-adapter: other: its architecture is mistral" in said
    assert "formats: adapter, merged\n" in said
    for name in ("SERVING.md", "export.json"):
        told = (tmp_path / "out" / name).read_text()
        assert "its architecture is mistral" in told and str(tmp_path) not in told


def test_an_adapter_in_an_earlier_export_is_not_lost_by_the_next(tiny_llama, adapter, tmp_path):
    export(adapter, "out", "--student", tiny_llama, "--what", "adapter")
    for more in ([], ["--force"]):
        said = export("out/adapter", "out", "--student", tiny_llama, "--what", "gguf", *more, code=1)
        assert "out holds out/adapter, which is exported" in said
    assert "name a new folder" in export("out/adapter", "out/adapter/new", "--student", tiny_llama, code=1)
    assert (tmp_path / "out" / "adapter" / "adapter_config.json").exists()


def test_an_adapter_of_a_matrix_that_two_layers_share_goes_out_as_it_is(tiny_llama, tmp_path):
    random_adapter(str(tiny_llama), tmp_path / "head", ["q_proj", "lm_head"])
    said = export("head", "out", "--student", tiny_llama)
    assert "not written: merged: head: it changes lm_head" in said and "not written: gguf-adapter" in said
    assert "SERVING.md; formats: adapter\n" in said and not (tmp_path / "out" / "Modelfile").exists()


def test_only_an_adapter_as_gguf_stands_beside_its_base(tiny_llama, adapter, tmp_path):
    said = export(adapter, "out", "--student", tiny_llama, "--what", "gguf-adapter", "--adapter-dtype", "float32")
    assert set(files.names(tmp_path / "out")) == {"Modelfile", files.SUMS, "SERVING.md", "adapter.gguf", "export.json"}
    assert "FROM ./base.gguf\nADAPTER ./adapter.gguf\n" in (tmp_path / "out" / "Modelfile").read_text()
    assert said.endswith("SERVING.md; formats: gguf-adapter\n")


def test_the_system_message_and_the_quantisation_of_its_training_are_told(tiny_llama, adapter, tmp_path):
    shutil.copytree(adapter, "tuned")
    base = {"name": "tiny-llama", "fingerprint": "folder@0"}
    record = {"base": base, "system": "Its own.", "recipe": {"quantization": "nf4"}}
    Path("tuned/training.json").write_text(json.dumps(record))
    said = export("tuned", "out", "--student", tiny_llama, "--what", "merged", code=1)
    assert "was trained for tiny-llama (folder@0), the student is" in said
    base["fingerprint"] = models.fingerprint(str(tiny_llama))
    Path("tuned/training.json").write_text(json.dumps(record))
    said = export("tuned", "out", "--student", tiny_llama, "--system", "Another.", "--what", "gguf")
    assert "trained beside nf4 weights, but merged into those in full precision" in said
    assert 'SYSTEM """Its own."""' in (tmp_path / "out" / "Modelfile").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nowhere", "out"], "nowhere: expected an adapter, but it has no adapter_config.json"),
        (
            ["ADAPTER", "out", "--what", "adapter", "--verify", "2", "--questions", "FAQ"],
            "--verify asks a GGUF file: add --what gguf",
        ),
        (["ADAPTER", "out", "--system", 'Say """x"""'], "cannot hold a text with three quotes"),
        (["ADAPTER", "out", "--verify", "2"], "name a file of questions: --questions"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tiny_llama, adapter, faq, arguments, expected):
    places = {"ADAPTER": adapter, "FAQ": faq}
    said = export(*(places.get(one, one) for one in arguments), "--student", tiny_llama, code=1)
    assert expected in said and said.count("\n") <= 3


def test_student_system_message_and_questions_are_those_of_the_run(built, monkeypatch):
    monkeypatch.chdir(built.folder)
    name = sorted(one.name for one in Path("data/adapters").iterdir() if one.is_dir())[0]
    said = export(name, "exported", "--what", "gguf", "--gguf", "f32", "--verify", "2")
    assert "of 2 prompts 2 are read as the same tokens" in said
    manifest = json.loads(Path("exported/export.json").read_text())
    assert manifest["adapter"]["name"] == name and manifest["base"]["name"] == "tiny"
    assert manifest["system"] == yaml.safe_load(Path("params.yaml").read_text())["chat"]["system"]
    told = Path("exported/SERVING.md").read_text()
    asked = next(one.question for one in read_faq(Path("data/sources/faq.jsonl")) if one.answerable)
    assert f"ollama run {name} {shlex.quote(asked)}" in told
    few = disk.read_json(Path("data/metrics/evaluate.json"))["faq"][name]["token_f1"]
    assert f"| token F1 on the FAQ | {few['value']:.2f} | {few['low']:.2f} to {few['high']:.2f} |" in told
    said = export("nope", "elsewhere", code=1)
    assert f"there is no adapter nope in data/adapters: {name}" in said and "or name a PEFT folder" in said
    said = export(name, "data/adapters", "--what", "adapter", "--force", code=1)
    assert "holds the run" in said or "part of the run" in said


@pytest.mark.model
def test_of_twenty_questions_the_embedded_model_answers_eighteen_alike(tmp_path, monkeypatch):
    monkeypatch.chdir(HERE)
    writer, system = Path("data/sources/writer"), "Answer questions about Llama models."
    questions = [one.question for one in read_faq(Path("data/sources/faq.jsonl"))][:20]
    gguf_adapter.write(writer, models.locate(models.EMBEDDED), tmp_path / "adapter.gguf")
    tuned = merging.merged(models.EMBEDDED, "main", "float32", writer)
    theirs = served.of_transformers(tuned, models.load_tokenizer(models.EMBEDDED), system, questions)
    ours = served.of_llama_cpp(models.gguf_file(), tmp_path / "adapter.gguf", system, questions)
    assert ours.prompts == theirs.prompts
    assert sum(a == b for a, b in zip(ours.tokens, theirs.tokens, strict=True)) >= 18
