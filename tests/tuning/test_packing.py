from collections.abc import Sequence

import torch
from hypothesis import given
from hypothesis import strategies as st

from stages.tuning import packing

ROWS = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=9), min_size=1, max_size=6)


def packed(rows: Sequence[Sequence[int]], shared: int) -> packing.Packed:
    longest = max(len(row) for row in rows)
    padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    return packing.pack(padded, torch.tensor([len(row) for row in rows]), shared)


@given(ROWS, st.integers(0, 4))
def test_rows_come_back_whole_and_what_they_begin_with_is_there_once(rows: list[list[int]], shared: int):
    shared = min(shared, len(rows[0]))
    made = packed(rows, shared)
    for row, places in zip(rows, made.places, strict=True):
        assert made.ids[0, places[: len(row)]].tolist() == row
        assert made.positions[0, places[: len(row)]].tolist() == list(range(len(row)))
    again = sum(row[:shared] == rows[0][:shared] for row in rows[1:])
    assert made.ids.shape == made.positions.shape == (1, sum(map(len, rows)) - again * shared)
    assert made.places.flatten()[made.at].tolist() == list(range(made.ids.shape[1])), "each token is where it belongs"
