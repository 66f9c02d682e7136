"""Bars of libraries are for terminals."""

import io

from tqdm.auto import tqdm

from stages.exporting import bars


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_on_a_terminal_only():
    with bars.on_terminals_only():
        for out in (file := io.StringIO(), terminal := Terminal()):
            assert list(tqdm(range(3), desc="tensors", file=out)) == [0, 1, 2]
    assert not file.getvalue() and "tensors" in terminal.getvalue()
    list(tqdm(range(3), desc="after", file=file))
    assert "after" in file.getvalue(), "elsewhere nothing has changed"
