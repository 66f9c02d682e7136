"""llama.cpp reads a text as the tokens that transformers reads, or the tokenizer is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stages.exporting import served
from stages.tuning import gguf_tokenizer, weights
from stages.tuning.gguf_tokenizer import TokenizerError
from tests.tuning import gguf_file
from tests.tuning.test_gguf_merged import written

SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
WORDS = ["What is the context length of Llama 2?", "I've been told: it's 4096 tokens, 32 layers.\n\tSee   Table 3!"] * 5
ODD = "\n \n\n\t\t é 한국 🦙‍🚀 3 33 333333 3.3 a'lL 'RE x1y22 ``` ... \u00a0 <|im_end|> </s> don't"


def with_splitting(kind: str):
    """Return a trained tokenizer that splits as one of those which llama.cpp knows."""
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, trainers
    from tokenizers import models as kinds
    from transformers import PreTrainedTokenizerFast

    spm = kind in ("llama", "first")
    special = ["<unk>", "<s>", "</s>"] if spm else ["<s>", "</s>"]
    tokenizer = Tokenizer(kinds.BPE(ignore_merges=kind == "llama-bpe"))
    steps = {
        "gpt-2": [pre_tokenizers.ByteLevel(add_prefix_space=False)],
        "smollm": [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)],
        "llama-bpe": [
            pre_tokenizers.Split(Regex(gguf_tokenizer._LLAMA_3), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ],
    }
    if spm:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
        alphabet, size = [], 150
    else:
        one = steps[kind]
        tokenizer.pre_tokenizer = one[0] if len(one) == 1 else pre_tokenizers.Sequence(one)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet, size = pre_tokenizers.ByteLevel.alphabet(), 330
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(WORDS, trainer)
    if spm:
        tokenizer = as_sentencepiece(tokenizer, kind == "first")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    fast.chat_template = "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}</s>{% endfor %}<s>"
    return fast


def as_sentencepiece(tokenizer, first: bool):
    """Return a tokenizer with bytes for what it does not know, and with all pairs that make a token, as Llama 2's."""
    from tokenizers import Tokenizer

    spec = json.loads(tokenizer.to_str())
    order = ["".join(pair) for pair in spec["model"]["merges"]]
    old = spec["model"]["vocab"]
    special = ["<unk>", "<s>", "</s>"]
    letters = [text for text in old if text not in order and text not in special]
    runs = [SPACE * length for length in range(2, 7)]
    order = [text for text in dict.fromkeys(order) if text not in runs]
    names = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *runs, *order, *letters]
    vocab = {text: number for number, text in enumerate(names)}

    def pairs_of(texts: list[str]) -> list[list[str]]:
        pairs = [[text[:cut], text[cut:]] for text in texts for cut in range(1, len(text))]
        return [pair for pair in pairs if pair[0] in vocab and pair[1] in vocab]

    pairs = pairs_of(order) + sorted(pairs_of(runs), key=lambda pair: (len(pair[0]), len(pair[1])), reverse=True)
    spec["model"] |= {"vocab": vocab, "merges": pairs, "byte_fallback": True, "fuse_unk": True, "unk_token": "<unk>"}
    for token in spec["added_tokens"]:
        token["id"] = vocab[token["content"]]
    if first:
        spec["normalizer"] = None
        spec["pre_tokenizer"] = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "first", "split": False}
    return Tokenizer.from_str(json.dumps(spec))


@pytest.mark.parametrize("kind", ["gpt-2", "smollm", "llama-bpe", "llama", "first"])
def test_a_chat_of_any_characters_is_read_as_the_same_tokens(tiny_llama: Path, tmp_path: Path, kind: str):
    from transformers import LlamaForCausalLM

    tokenizer = with_splitting(kind)
    config = weights.load(str(tiny_llama), dtype="float32").config
    config.vocab_size = len(tokenizer) + 3
    file = written(LlamaForCausalLM(config), tokenizer, tmp_path / "tiny.gguf")
    with served.serving(file) as ask:

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
        @example(ODD)
        @example("  two  spaces and 1234567 digits")
        def same(text: str) -> None:
            prompt = f"<s>user: {text}</s><s>{text}"
            read = ask("tokenize", {"content": prompt, "add_special": True, "parse_special": True})["tokens"]
            assert read == tokenizer(prompt, add_special_tokens=False)["input_ids"]

        same()


@pytest.mark.parametrize("kind", ["llama-bpe", "llama", "first"])
def test_the_token_that_opens_a_text_opens_a_chat_once(tiny_llama: Path, tmp_path: Path, kind: str):
    from tokenizers import processors
    from transformers import LlamaForCausalLM

    tokenizer = with_splitting(kind)
    opening = [("<s>", tokenizer.bos_token_id)]
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=opening)
    tokenizer.chat_template = "<s>{% for m in messages %}{{ m.role }}: {{ m.content }}</s>{% endfor %}"
    config = weights.load(str(tiny_llama), dtype="float32").config
    config.vocab_size = len(tokenizer)
    model = LlamaForCausalLM(config).eval()
    file = written(model, tokenizer, tmp_path / "tiny.gguf")
    ours = served.of_llama_cpp(file, None, "Be brief.", ["Who?", "  And  why?"])
    assert ours.prompts == served.of_transformers(model, tokenizer, "Be brief.", ["Who?", "  And  why?"]).prompts
    assert [tokens.count(tokenizer.bos_token_id) for tokens in ours.prompts] == [1, 1]


def test_the_tokenizer_of_a_gguf_file_is_copied_as_it_is(tiny_llama: Path, tmp_path: Path):
    import gguf

    file = gguf_file.write(tiny_llama, tmp_path / "tiny.gguf")
    reader = gguf.GGUFReader(file)
    writer = gguf.GGUFWriter(tmp_path / "copy.gguf", "llama")
    gguf_tokenizer.copy(reader, writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()

    def fields(one) -> dict:
        found = {name: field for name, field in one.fields.items() if name.startswith("tokenizer.")}
        return {name: (field.types, field.contents()) for name, field in found.items()}

    assert fields(gguf.GGUFReader(tmp_path / "copy.gguf")) == fields(reader)
    assert "tokenizer.ggml.merges" in fields(reader) and "tokenizer.chat_template" in fields(reader)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda spec: spec["pre_tokenizer"].update(add_prefix_space=True),
         "cuts words as none of gpt-2, smollm, llama-bpe does"),
        (lambda spec: spec.update(normalizer={"type": "NFC"}), "cuts words as none of"),
        (lambda spec: spec["model"].update(ignore_merges=True), "cuts words as none of"),
        (lambda spec: spec["model"].update(byte_fallback=True), "puts spaces in another way"),
        (lambda spec: spec.update(model={"type": "WordLevel", "vocab": {"<s>": 0, "</s>": 1}, "unk_token": "<s>"}),
         "of type WordLevel"),
    ],
)  # fmt: skip
def test_a_tokenizer_that_llama_cpp_may_not_have_is_refused(tmp_path: Path, change, said: str):
    import gguf
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    spec = json.loads(with_splitting("gpt-2").backend_tokenizer.to_str())
    change(spec)
    odd = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(spec)))
    with pytest.raises(TokenizerError, match=said):
        gguf_tokenizer.add(gguf.GGUFWriter(None, "llama"), odd, 400)


@pytest.mark.parametrize(
    ("merges", "said"),
    [
        ([["a", "b"], ["ab", "c"], ["b", "c"], ["a", "bc"]], "merges 'bc' and 'abc' in turns"),
        ([["a", "b"], ["b", "c"], ["ab", "c"]], "does not merge"),
    ],
)
def test_merges_that_scores_cannot_tell_are_refused(merges: list[list[str]], said: str):
    import gguf
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    spec = json.loads(with_splitting("llama").backend_tokenizer.to_str())
    names = ["<unk>", "<s>", "</s>", "a", "b", "c", "ab", "bc", "abc"]
    spec["model"] |= {"vocab": {text: number for number, text in enumerate(names)}, "merges": merges}
    odd = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(spec)))
    with pytest.raises(TokenizerError, match=said):
        gguf_tokenizer.add(gguf.GGUFWriter(None, "llama"), odd, 20)


def test_a_token_beyond_the_embedding_is_named():
    import gguf

    with pytest.raises(TokenizerError, match="a token 300, but the model only has 300"):
        gguf_tokenizer.add(gguf.GGUFWriter(None, "llama"), with_splitting("gpt-2"), 300)
