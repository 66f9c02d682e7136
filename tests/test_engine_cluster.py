"""A Dask scheduler with two worker processes on loopback: the same results, though one of them is killed."""

import os
import signal
import time

import pytest

from stages import engine
from stages.quality import similarity

pytest.importorskip("distributed")


@pytest.fixture
def cluster(monkeypatch):
    """A scheduler and two workers, each a process; engine.yaml's `dask` is its address."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as started:
        monkeypatch.setenv("FAQTUNE_DASK", started.scheduler_address)
        yield started


def slowly(some):
    time.sleep(0.1)
    return [(os.getpid(), 2 * one) for one in some]


def test_a_killed_worker_loses_nothing_and_changes_nothing(cluster):
    pids = sorted(worker.pid for worker in cluster.workers.values())
    count = 30 * engine.BATCH
    found = []
    for number, some in enumerate(engine.in_order(slowly, range(count), count)):
        if number == 4:
            os.kill(pids[0], signal.SIGKILL)
        found += some
    assert [one for _, one in found] == [2 * one for one in range(count)]
    assert pids[0] in {pid for pid, _ in found} and pids[1] in {pid for pid, _ in found}


class Fatal(list):
    """Rows of which one, when it is read, costs a worker its life."""

    def __init__(self, rows, place, victim):
        super().__init__(rows)
        self.place, self.victim = place, victim

    def __iter__(self):
        for number, row in enumerate(super().__iter__()):
            if number == self.place:
                os.kill(self.victim, signal.SIGKILL)
            yield row


def test_clusters_are_the_same_here_in_processes_and_on_the_cluster_with_a_worker_killed(cluster, monkeypatch):
    count = 4 * engine.FEW
    wordings = ("How does option {0} of trainer{1} change the learning schedule?",
                "in trainer{1} option {0} changes the lerning schedule, how?")  # fmt: skip
    questions = [wordings[i % 2].format(i // 2, i // 2 % 97) for i in range(count)]
    questions += [wordings[0].format(i, i % 97).upper() for i in range(count)]
    address = os.environ["FAQTUNE_DASK"]
    monkeypatch.setenv("FAQTUNE_DASK", "")
    monkeypatch.setenv("FAQTUNE_WORKERS", "1")
    here = similarity.clusters(questions)
    assert count < len(set(here)) < 2 * count
    monkeypatch.setenv("FAQTUNE_WORKERS", "2")
    assert similarity.clusters(questions) == here
    monkeypatch.setenv("FAQTUNE_DASK", address)
    victim = next(iter(cluster.workers.values())).pid
    assert similarity.clusters(Fatal(questions, count, victim)) == here
    assert victim not in {worker.pid for worker in cluster.workers.values()}
