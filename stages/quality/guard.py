"""The rule that decides whether two questions with the same words ask the same thing: what may change its place."""

from stages.quality.normal import Tokens


def turned(left: Tokens, right: Tokens) -> bool:
    """Tell whether equal words in another order may ask something else.

    A clause or an adverbial may change its place with its neighbour ("In B, how does A work?"). Two parts that change
    places around a third one are another question: from A to B, is A faster than B, does A support B.

    Args:
        left: words of a question.
        right: the same words in any order.
    """
    if left == right:
        return False
    length = len(left)
    before = next(n for n in range(length) if left[n] != right[n])
    behind = next(n for n in range(length) if left[-1 - n] != right[-1 - n])
    return not any(
        _rotated(left[start : length - end], right[start : length - end])
        for start in range(before + 1)
        for end in range(behind + 1)
    )


def _rotated(left: Tokens, right: Tokens) -> bool:
    """Tell whether two neighbouring parts of the one have changed places in the other."""
    return any(left[n:] + left[:n] == right for n in range(1, len(left)) if left[n] == right[0])
