"""SERVING.md: commands for what was written, in which no name and no text is more than a word."""

import ast
import json
import re
import shlex

from hypothesis import example, given
from hypothesis import strategies as st

from stages.exporting import guide
from stages.exporting.guide import Served


def served(**changes) -> Served:
    known = {
        "name": "all-linear", "base": "owner/name", "base_gguf": "a file", "rank": 16, "system": "Be brief.",
        "formats": ["adapter", "merged", "gguf-adapter", "gguf"],
    }  # fmt: skip
    return Served(**(known | changes))


def lines(text: str, language: str = "bash") -> list[str]:
    return [
        line
        for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)
        for line in block.split("\n")
        if line
    ]


def test_each_server_has_its_command():
    said = lines(guide.text(served()))
    for one in (
        "vllm serve ./merged --served-model-name all-linear",
        "vllm serve owner/name --enable-lora --max-lora-rank 16 --lora-modules all-linear=./adapter",
        "llama-server -m merged.gguf --jinja --temp 0 --port 8080",
        "llama-server -m base.gguf --lora adapter.gguf --jinja --temp 0 --port 8080",
        "ollama create all-linear -f Modelfile",
    ):
        assert one in said


def test_a_server_and_what_asks_it_stand_in_blocks_of_their_own():
    text = guide.text(served())
    for block in re.findall(r"^```bash\n(.*?)^```$", text, re.S | re.M):
        assert not ("curl" in block and ("serve" in block or "llama-server" in block)), block
    assert text.count("When it is up, in another terminal") == text.count("curl http") == 4


def test_the_example_is_the_question_that_is_given_else_one_that_is_to_be_replaced():
    assert guide.text(served(question="How long\nis it?")).count("How long is it?") == 6
    assert guide.text(served(question=" - ")).count(guide.NEUTRAL) == 6


def test_what_puts_the_base_beside_the_adapter_stands_before_what_needs_it():
    text = guide.text(served(formats=["gguf-adapter"], base_commands=["cp x base.gguf"]))
    assert lines(text)[0] == "cp x base.gguf" and "-m base.gguf" in lines(text)[1]
    assert "The Modelfile needs `base.gguf`" in text


def test_figures_are_shown_if_there_are_any():
    assert "How well it does" not in guide.text(served())
    assert "| F1 | 1.00 |\n\n## vLLM" in guide.text(served(figures="| F1 | 1.00 |\n"))


def test_what_was_not_written_is_not_served():
    text = guide.text(served(formats=["adapter"]))
    assert "merged" not in text and "gguf" not in text and "Ollama" not in text
    assert "PeftModel.from_pretrained(model, './adapter')" in text


def test_the_rank_is_one_that_vllm_takes_and_a_revision_is_pinned():
    said = lines(guide.text(served(rank=20, revision="0" * 40)))
    assert f"vllm serve owner/name --revision {'0' * 40} --enable-lora --max-lora-rank 32 " in "\n".join(said)


@given(st.text(max_size=30))
@example("'; rm -rf ~ #\n```\n\U00010000\x1b[31m\\")
def test_a_system_message_is_one_word_of_the_shell_and_one_literal_of_python(system: str):
    text = guide.text(served(system=system, question=system, formats=["adapter", "gguf"]))
    asked = [json.loads(words[-1]) for words in map(shlex.split, lines(text)) if words[0] == "curl"]
    assert len(asked) == 2 and all(one["messages"][0]["content"] == system for one in asked)
    tree = ast.parse("\n".join(lines(text, "python")))
    assert system in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    asks = [shlex.split(line) for line in lines(text) if line.startswith("ollama run ")]
    assert [one[:-1] for one in asks] == [["ollama", "run", "all-linear"]] and not asks[0][-1].startswith("-")
    assert {one["messages"][1]["content"] for one in asked} == {asks[0][-1]}
    blocks = len(re.findall(r"^```(?:bash|python)\n.*?^```$", text, re.S | re.M))
    assert text.count("```") == 2 * blocks == 12, "no text ends a block"
    assert "\x1b" not in text
