"""A curriculum: the order in which the rows are seen first (Bengio et al. 2009, Curriculum learning: easy first)."""

from collections.abc import Mapping, Sequence

from stages.records import Row, content_id


def curriculum(
    taught: Sequence[tuple[Row, int]],
    spread: Sequence[Sequence[Row]],
    parents: Mapping[str, str | None],
    tokens: Mapping[str, int],
    seed: int,
) -> list[Row]:
    """Return all rows in their order: short answers first, children after their parents, repeats after all others.

    Args:
        taught: rows made of pairs, each with the number of its repeat.
        spread: other rows, kind by kind: each kind is spread evenly.
        parents: parent by Pair.id.
        tokens: of the answer, by Pair.id.
        seed: of the hash that decides between equally easy ones.
    """

    def ancestors(pair: str) -> list[str]:
        line = [pair]
        while (parent := parents.get(line[-1])) is not None and parent in tokens and parent not in line:
            line.append(parent)
        return line

    def ease(one: tuple[Row, int]) -> tuple[int, int, int, str]:
        row, repeat = one
        line = ancestors(row.pair)
        return repeat, max(tokens[name] for name in line), len(line), content_id(seed, "order", row.id)

    ladder = [row for row, _ in sorted(taught, key=ease)]
    kinds = [ladder, *(sorted(kind, key=lambda row: content_id(seed, "order", row.id)) for kind in spread)]
    placed = [
        ((number + 0.5) / len(rows), kind, row) for kind, rows in enumerate(kinds) for number, row in enumerate(rows)
    ]
    return [row for _, _, row in sorted(placed, key=lambda one: one[:2])]
