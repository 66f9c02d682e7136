"""The architecture of Llama 2 7B with random weights, a tokenizer for it, and rows of a given length.

Speed and memory depend on shapes and not on what a model knows, so that nobody needs the licence or 13 GB of download.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages.records import Message, Row, content_id
from stages.tuning import models
from stages.tuning.models import chat
from stages.tuning.rows import Encoded, encode_rows

ROOT = Path(__file__).parent.parent.parent
# arXiv 2307.09288 and the model's config.json. The vocabulary stays as large where the tokenizer knows fewer words.
FULL = {
    "vocab_size": 32_000, "hidden_size": 4096, "intermediate_size": 11_008, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
}  # fmt: skip
TINY = FULL | {
    "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 172, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 4,
}  # fmt: skip
TEXTS = ("README.md", "benchmarks/README.md", "data/*.md", "data/sources/*.md", "data/sources/documents/*.md")
TEMPLATE = (
    "{% if messages[0]['role'] == 'system' %}"
    "{% set system = '<<SYS>>\\n' + messages[0]['content'] + '\\n<</SYS>>\\n\\n' %}"
    "{% set turns = messages[1:] %}{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}"
    "{% for turn in turns %}{% if turn['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + (system if loop.first else '') + turn['content'].strip() + ' [/INST]' }}"
    "{% else %}{{ ' ' + turn['content'].strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
SYSTEM, QUESTION = "Answer questions about this project.", "What does part {} of its documents say?"


def texts() -> list[str]:
    """Return the repository's own text: its documents and its code."""
    files = [file for pattern in TEXTS for file in sorted(ROOT.glob(pattern)) if file.is_file()]
    return [file.read_text() for file in [*files, *sorted((ROOT / "stages").rglob("*.py"))]]


def build(folder: Path, tiny: bool) -> None:
    """Write a model in bfloat16 with its tokenizer; the full one takes 13.5 GB of disk, and of the GPU if there is one.

    Args:
        folder: what is written, in transformers format.
        tiny: two layers of 64 instead.
    """
    import torch
    from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
    from tokenizers.models import BPE
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    shape = TINY if tiny else FULL
    special = ["<unk>", "<s>", "</s>"]
    words = Tokenizer(BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=shape["vocab_size"], special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    words.train_from_iterator(texts(), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token=special[0], bos_token=special[1], eos_token=special[2], pad_token=special[0]
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    with models.quiet(), torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        config = LlamaConfig(**shape, bos_token_id=1, eos_token_id=2, pad_token_id=0, tie_word_embeddings=False)
        LlamaForCausalLM._from_config(config, dtype=torch.bfloat16).save_pretrained(folder)


def rows(tokenizer: Any, count: int, length: int) -> tuple[list[Row], list[Encoded]]:
    """Return rows with short questions and long answers, of as many tokens as fit into `length`, and their tokens."""
    source, made = _words(), []
    for number in range(count):
        words = [next(source) for _ in range(length)]  # a word is a token at least
        most = 1, length
        while most[0] + 1 < most[1]:
            middle = sum(most) // 2
            fits = len(encode_rows(tokenizer, [_row(number, words[:middle])])[0].ids) <= length
            most = (middle, most[1]) if fits else (most[0], middle)
        made.append(_row(number, words[: most[0]]))
    return made, encode_rows(tokenizer, made)


def _words() -> Iterator[str]:
    while True:
        for text in texts():
            yield from text.split()


def _row(number: int, words: list[str]) -> Row:
    answer = " ".join(words)
    identity = content_id(number, answer)
    return Row(
        id=identity, pair=identity, origin="generated", prompt=chat(SYSTEM, QUESTION.format(number + 1)),
        completion=[Message(role="assistant", content=answer)],
    )  # fmt: skip
