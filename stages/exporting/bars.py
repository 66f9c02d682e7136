"""Progress bars of libraries."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def on_terminals_only() -> Iterator[None]:
    """Show bars of tqdm only if standard error is a terminal, as `stages.tally.progress` does.

    transformers has a switch for its bars, but not for the one of the tensors of a GGUF file; TQDM_DISABLE is read when
    tqdm is imported, which was long ago.
    """
    from tqdm import tqdm

    made = tqdm.__init__
    tqdm.__init__ = functools.partialmethod(made, disable=None)  # None: unless it is a terminal
    try:
        yield
    finally:
        tqdm.__init__ = made
