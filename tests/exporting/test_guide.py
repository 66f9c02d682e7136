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
    text = guide.text(served(system=system, formats=["adapter", "gguf"]))
    asked = [json.loads(words[-1]) for words in map(shlex.split, lines(text)) if words[0] == "curl"]
    assert len(asked) == 2 and all(one["messages"][0]["content"] == system for one in asked)
    tree = ast.parse("\n".join(lines(text, "python")))
    assert system in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert text.count("```") == 2 * len(re.findall("^## ", text, re.M)), "no text ends a block"
    assert "\x1b" not in text
