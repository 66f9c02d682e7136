"""Many records through one function: in this process, in several, or on a Dask cluster; the results are the same.

`workers` and `dask` of engine.yaml say where; no stage depends on that. Batches go out in order, a few ahead of what
has come back, so that memory stays bounded whatever the number of records.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from stages import settings

T = TypeVar("T")
R = TypeVar("R")
BATCH = 1000  # records a task
AHEAD = 2  # batches a worker that wait or run
FEW = 4 * BATCH  # records up to which other processes are not worth their start


def batches(things: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield the things in lists of `size`, the last one shorter."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def in_order(work: Callable[[list[T]], R], things: Iterable[T], count: int) -> Iterator[R]:
    """Yield what `work` makes of each batch of the things, in their order.

    Args:
        work: a function of a module, so that another process finds it; it may hold no state.
        things: picklable.
        count: how many there are, about: a few are worked on here.
    """
    with _executor(count) as (executor, workers):
        if executor is None:
            yield from map(work, batches(things))
            return
        waiting: deque[Future[R]] = deque()
        for some in batches(things):
            waiting.append(executor.submit(work, some))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _executor(count: int) -> Iterator[tuple[Executor | None, int]]:
    """Yield where batches are worked on, None for here, and by how many at once."""
    address, workers = settings.load().get("dask") or "", settings.count("workers")
    if count <= FEW or workers == 1 and not address:
        yield None, 1
    elif address:
        from distributed import Client  # an extra, and slow to import

        local = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
        with Client(**local) if address == "local" else Client(address) as client:
            yield client.get_executor(pure=False), max(1, len(client.scheduler_info()["workers"]))
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool, workers
