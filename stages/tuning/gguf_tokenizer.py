"""The tokenizer in the header of a GGUF file: copied from the GGUF file of the student, or made of a fast tokenizer.

llama.cpp splits text by programs of its own, which the header names (`tokenizer.ggml.pre`). So a tokenizer is written
only if it is known to be one of these: byte-level BPE that splits as GPT-2, SmolLM or Llama 3 do, and SentencePiece's
BPE as Llama 2 has it. Everything else is refused: a near miss would be a model that reads other tokens than it learnt.
"""

import itertools
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gguf import GGUFReader, GGUFWriter
    from transformers import PreTrainedTokenizerBase

_LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = range(1, 7)  # token types of llama.cpp
_SPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # what stands for a space in SentencePiece


class TokenizerError(ValueError):
    """llama.cpp has no tokenizer that is surely this one; the message says what is odd."""


def copy(reader: "GGUFReader", writer: "GGUFWriter") -> None:
    """Copy a tokenizer, with its chat template, from the header of a GGUF file."""
    for name, field in reader.fields.items():
        if name.startswith("tokenizer."):
            kind, *inner = field.types
            writer.add_key_value(name, field.contents(), kind, inner[-1] if inner else None)


def add(writer: "GGUFWriter", tokenizer: "PreTrainedTokenizerBase", size: int) -> None:
    """Add a fast tokenizer of transformers, with its chat template.

    Args:
        writer: of the GGUF file.
        tokenizer: the student's.
        size: of the vocabulary, rows of the embedding; what the tokenizer has no token for is unused.

    Raises TokenizerError if llama.cpp does not know it.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise TokenizerError("the tokenizer has no tokenizer.json (a fast tokenizer is needed)")
    spec = json.loads(tokenizer.backend_tokenizer.to_str())
    model = spec["model"]
    if model["type"] != "BPE":
        raise TokenizerError(
            f"the tokenizer is of type {model['type']}; llama.cpp gets BPE from here, and nothing else"
        )
    if model.get("dropout") or model.get("continuing_subword_prefix") or model.get("end_of_word_suffix"):
        raise TokenizerError("the tokenizer's BPE has dropout, prefixes or suffixes, which llama.cpp's has not")
    tokens, types = _tokens(spec, size)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    if model.get("byte_fallback"):
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_scores(_scores(spec, size))
        writer.add_add_space_prefix(_space_prefix(spec, tokenizer))
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(_splitting(spec))
        writer.add_token_merges([" ".join(pair) for pair in _merges(model)])
        writer.add_add_space_prefix(False)
    _special(writer, tokenizer)


def _tokens(spec: dict[str, Any], size: int) -> tuple[list[str], list[int]]:
    """Return the tokens by id, and the type of each."""
    model = spec["model"]
    tokens, types = [f"[PAD{number}]" for number in range(size)], [_UNUSED] * size
    added = {token["content"]: token for token in spec["added_tokens"]}
    for text, number in itertools.chain(model["vocab"].items(), ((text, one["id"]) for text, one in added.items())):
        if number >= size:
            raise TokenizerError(f"the tokenizer has a token {number}, but the model only has {size}")
        tokens[number], types[number] = text, _NORMAL
        if text in added:
            types[number] = _CONTROL if added[text]["special"] else _USER_DEFINED
        if text == model.get("unk_token") and model.get("byte_fallback"):
            types[number] = _UNKNOWN
        if model.get("byte_fallback") and len(text) == 6 and text.startswith("<0x") and text.endswith(">"):
            types[number] = _BYTE
    return tokens, types


def _merges(model: dict[str, Any]) -> list[list[str]]:
    return [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]


def _splitting(spec: dict[str, Any]) -> str:
    """Return llama.cpp's name for how a byte-level BPE cuts a text into words."""
    steps = spec["pre_tokenizer"] or {}
    parts = [
        {key: value for key, value in step.items() if key != "trim_offsets"}
        for step in (steps["pretokenizers"] if steps.get("type") == "Sequence" else [steps])
    ]

    def bytes_of(words: bool) -> dict[str, Any]:
        return {"type": "ByteLevel", "add_prefix_space": False, "use_regex": words}

    split = {"type": "Split", "pattern": {"Regex": _LLAMA_3}, "behavior": "Isolated", "invert": False}
    known = {
        "gpt-2": [bytes_of(True)],
        "smollm": [{"type": "Digits", "individual_digits": True}, bytes_of(True)],
        "llama-bpe": [split, bytes_of(False)],
    }
    name = next((name for name, one in known.items() if one == parts), None)
    whole = bool(spec["model"].get("ignore_merges"))  # a word that is a token is never merged; llama.cpp: for Llama 3
    if name is None or spec["normalizer"] is not None or whole != (name == "llama-bpe"):
        raise TokenizerError(
            "the tokenizer cuts words as none of " + ", ".join(known) + " does, and others are not known here "
            f"(pre_tokenizer {json.dumps(steps)[:200]})"
        )
    return name


def _scores(spec: dict[str, Any], size: int) -> list[float]:
    """Return the scores by which SentencePiece merges.

    Tokenizers of transformers keep, in place of a token's score, all pairs that make it, in the order of the scores.
    Runs of spaces share the lowest one, so that their pairs are mixed.

    Raises TokenizerError if the pairs are not such.
    """
    vocab = spec["model"]["vocab"]
    pairs = {(left, right): left + right for left, right in _merges(spec["model"])}
    last = {text: place for place, text in enumerate(pairs.values())}
    scores, end, group = [-float(len(pairs))] * size, -1, ""
    for place, text in enumerate(pairs.values()):
        if place > end:
            score, group = -float(place), text
        elif text != group and set(text + group) != {_SPACE}:
            raise TokenizerError(f"the tokenizer merges {text!r} and {group!r} in turns, which SentencePiece does not")
        scores[vocab[text]] = score
        end = max(end, last[text])
    for text in vocab.keys() - {token["content"] for token in spec["added_tokens"]}:
        for cut in range(1, len(text)):
            pair = text[:cut], text[cut:]
            if pair not in pairs and pair[0] in vocab and pair[1] in vocab:
                raise TokenizerError(f"the tokenizer does not merge {pair}, as SentencePiece would")
    return scores


def _space_prefix(spec: dict[str, Any], tokenizer: "PreTrainedTokenizerBase") -> bool:
    """Say whether a space is put before a text, as llama.cpp does at the start and behind each special token."""
    before, steps = spec["normalizer"], spec["pre_tokenizer"]
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": _SPACE}
    if steps is None and before == {
        "type": "Sequence",
        "normalizers": [{"type": "Prepend", "prepend": _SPACE}, replace],
    }:
        return True
    if steps is None and before in (replace, {"type": "Sequence", "normalizers": [replace]}):
        return False
    if (
        before is None
        and (steps or {}).get("type") == "Metaspace"
        and not steps["split"]
        and steps["replacement"] == _SPACE
    ):
        if steps["prepend_scheme"] != "first":
            return steps["prepend_scheme"] == "always"
        # Only the first text of all gets one, and a prompt begins with a special token: then none of its texts does.
        prompt = tokenizer.apply_chat_template([{"role": "user", "content": "?"}], tokenize=False)
        if any(str(prompt).startswith(one["content"]) for one in spec["added_tokens"] if one["special"]):
            return False
    raise TokenizerError(
        f"the tokenizer puts spaces in another way than llama.cpp does (normalizer {json.dumps(before)[:200]}, "
        f"pre_tokenizer {json.dumps(steps)[:200]})"
    )


def _special(writer: "GGUFWriter", tokenizer: "PreTrainedTokenizerBase") -> None:
    """Add which tokens open, end and pad, whether they are put around a text, and the chat template."""
    for kind in ("bos", "eos", "unk", "pad"):
        if (number := getattr(tokenizer, f"{kind}_token_id")) is not None:
            getattr(writer, f"add_{kind}_token_id")(number)
    writer.add_add_bos_token(opens(tokenizer))
    writer.add_add_eos_token(tokenizer("a")["input_ids"][-1] == tokenizer.eos_token_id)
    writer.add_chat_template(tokenizer.get_chat_template())


def opens(tokenizer: "PreTrainedTokenizerBase") -> bool:
    """Say whether the tokenizer puts its first token before every text."""
    return tokenizer("a")["input_ids"][0] == tokenizer.bos_token_id
