"""How many operations a training of LoRA needs at least, and what share of a card's peak that is."""

from collections.abc import Mapping, Sequence

# FLOP/s in bfloat16 of matrix units, without sparsity, as the makers' data sheets say, in 10^12
PEAK = {
    "H200": 989, "H100 PCIe": 756, "H100 NVL": 835, "H100": 989, "A100": 312, "L40S": 362, "L4": 121, "A10": 125,
    "RTX A6000": 155, "RTX 4090": 165, "RTX 3090": 71,
}  # fmt: skip


def peak(card: str) -> float | None:
    """Return the peak of a card by its name, in 10^12 FLOP/s, or None for an unknown one."""
    return next(
        (value for name, value in PEAK.items() if set(name.split()) <= set(card.replace("-", " ").split())), None
    )


def linear(shape: Mapping[str, int]) -> int:
    """Return the weights of a Llama's linear layers, vocabulary projection aside."""
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    keys = width * shape["num_key_value_heads"] // shape["num_attention_heads"]
    return shape["num_hidden_layers"] * (2 * width * width + 2 * width * keys + 3 * width * inner)


def adapter(shape: Mapping[str, int], rank: int) -> int:
    """Return the weights of a LoRA of that rank on all linear layers."""
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    keys = width * shape["num_key_value_heads"] // shape["num_attention_heads"]
    return shape["num_hidden_layers"] * rank * (2 * 2 * width + 2 * (width + keys) + 3 * (width + inner))


def training(shape: Mapping[str, int], rank: int, lengths: Sequence[int], labels: int) -> float:
    """Return the FLOP of one pass over rows, forward and backward.

    A weight costs 2 FLOP a token forward, 2 for the gradient of its input, and 2 for its own gradient (Kaplan et al.,
    arXiv 2001.08361, section 2.1), which a frozen one has not: 4 for the model, 6 for the adapter, 4 for the vocabulary
    projection where there is a label. Attention is 12 FLOP a layer, a pair of tokens and a dimension, forward and
    backward (PaLM, arXiv 2204.02311, appendix B), for half of the pairs, as it is causal. What gradient checkpointing
    computes again does not count: it is no use to the model.

    Args:
        shape: of the model, as in its config.
        rank: of the adapter.
        lengths: tokens of each row, padding aside.
        labels: of all rows.
    """
    tokens = sum(lengths)
    pairs = sum(length * length for length in lengths) / 2
    frozen = 4 * linear(shape) * tokens + 4 * shape["hidden_size"] * shape["vocab_size"] * labels
    attention = 12 * shape["num_hidden_layers"] * shape["hidden_size"] * pairs
    return frozen + 6 * adapter(shape, rank) * tokens + attention
