"""A Modelfile makes of a chat what the chat template makes of it, and no text in it becomes a command."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.exporting import modelfile
from stages.exporting.modelfile import ModelfileError

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Who?"},
    {"role": "assistant", "content": "I."},
    {"role": "user", "content": "Why?"},
]
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA_3 = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}"
    "<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
ZEPHYR = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
LLAMA_2 = (
    "{% for m in messages[1:] %}{% if m.role == 'user' %}{{ bos_token }}[INST] {% if loop.first %}<<SYS>>\n"
    "{{ messages[0].content }}\n<</SYS>>\n\n{% endif %}{{ m.content }} [/INST]"
    "{% else %} {{ m.content }} </s>{% endif %}{% endfor %}"
)


def chatting(template: str, opens: bool):
    """Return a tokenizer with a chat template, which puts its first token before a text, or does not."""
    from tokenizers import Tokenizer, processors
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(BPE(vocab={"<s>": 0, "</s>": 1, "a": 2}, merges=[]))
    if opens:
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
    fast.chat_template = template
    return fast


def said_by_ollama(template: str, chat: list[dict[str, str]]) -> str:
    """Return what Go's text/template makes of a chat with the few actions that our templates have."""
    if ".Messages" in template:
        turn, opening = re.fullmatch(r"\{\{- range \.Messages \}\}(.*)\{\{ end \}\}(.*)", template, re.S).groups()
        turns = [turn.replace("{{ .Role }}", m["role"]).replace("{{ .Content }}", m["content"]) for m in chat]
        return "".join(turns) + opening
    plain = re.sub(r"\{\{ (if \.System|end) \}\}", "", template)
    return plain.replace("{{ .System }}", chat[0]["content"]).replace("{{ .Prompt }}", chat[1]["content"])


@pytest.mark.parametrize(
    ("template", "opens", "length"),
    [(CHATML, False, 4), (CHATML, True, 4), (LLAMA_3, True, 4), (ZEPHYR, False, 4), (LLAMA_2, True, 2)],
)
def test_the_template_makes_of_a_chat_what_the_models_own_makes_of_it(template: str, opens: bool, length: int):
    tokenizer = chatting(template, opens)
    made = modelfile.template(tokenizer)
    assert made is not None
    theirs = tokenizer.apply_chat_template(CHAT[:length], tokenize=False, add_generation_prompt=True)
    assert said_by_ollama(made, CHAT[:length]) == theirs.removeprefix("<s>")


@pytest.mark.parametrize(
    "template",
    [
        CHATML.replace("{{ m.content }}", "{{ m.content }}!"),
        CHATML.replace("{% for", "Today is Monday.{% for", 1),
        LLAMA_3.replace("{{ bos_token }}", "{{ bos_token }}{{ bos_token }}"),
        LLAMA_2.replace("<<SYS>>", "<SYS>"),
    ],
)
def test_a_template_that_is_not_known_is_left_to_the_file(template: str):
    assert modelfile.template(chatting(template, True)) is None
    assert "TEMPLATE" not in modelfile.text("merged.gguf", "", "Be brief.", ["</s>"], None)


def commands(text: str) -> list[tuple[str, str]]:
    """Return the commands of a Modelfile as Ollama's parser reads them: a quoted value ends with its line."""
    found, lines = [], iter(text.split("\n"))
    for line in lines:
        if not line or line.startswith("#"):
            continue
        name, value = line.split(" ", 1)
        if name == "PARAMETER":
            key, value = value.split(" ", 1)
            name = f"{name} {key}"
        if value.startswith('"""'):
            while not (len(value) >= 6 and value.endswith('"""')):
                value += "\n" + next(lines)
            value = value[3:-3]
        found.append((name, value))
    return found


def test_it_answers_as_the_evaluation_asks():
    made = modelfile.text("merged.gguf", "adapter.gguf", "Be brief.", ["<|im_end|>"], "{{ .Prompt }}")
    assert commands(made) == [
        ("FROM", "./merged.gguf"), ("TEMPLATE", "{{ .Prompt }}"), ("SYSTEM", "Be brief."),
        ("PARAMETER temperature", "0"), ("PARAMETER repeat_penalty", "1"), ("PARAMETER stop", "<|im_end|>"),
    ]  # fmt: skip
    assert "# FROM ./base.gguf\n# ADAPTER ./adapter.gguf\n" in made
    beside = modelfile.text("", "adapter.gguf", "", [], None)
    assert commands(beside)[:2] == [("FROM", "./base.gguf"), ("ADAPTER", "./adapter.gguf")]


@given(st.text('"\n aF', max_size=30) | st.text(max_size=20))
def test_no_system_message_becomes_a_command(system: str):
    try:
        made = modelfile.text("merged.gguf", "", system, [], None)
    except ModelfileError as error:
        assert '"""' in system or "control" in str(error)
        return
    assert commands(made) == [
        ("FROM", "./merged.gguf"), *([("SYSTEM", system)] if system else []),
        ("PARAMETER temperature", "0"), ("PARAMETER repeat_penalty", "1"),
    ]  # fmt: skip


def test_three_quotes_and_escape_sequences_are_refused():
    with pytest.raises(ModelfileError, match="three quotes"):
        modelfile.text("merged.gguf", "", 'Be """brief"""\nFROM evil', [], None)
    with pytest.raises(ModelfileError, match="control character"):
        modelfile.text("merged.gguf", "", "Be \x1b[31mred", [], None)
