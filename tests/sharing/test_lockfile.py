"""dvc.lock of two people: of each stage the run of who ran it, ours where both did."""

import pytest
from dvc.utils.serialize import dumps_yaml
from hypothesis import given
from hypothesis import strategies as st

from stages.sharing import lockfile

RUNS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2).map(lambda n: {"cmd": str(n)}))


def lock(**stages):
    return {"schema": "2.0", "stages": stages}


def test_a_stage_that_one_side_ran_keeps_its_run():
    base = lock(train={"md5": "1"}, evaluate={"md5": "1"})
    ours = lock(train={"md5": "1"}, evaluate={"md5": "2"})
    theirs = lock(train={"md5": "3"}, evaluate={"md5": "1"})
    assert lockfile.merged(base, ours, theirs) == lock(train={"md5": "3"}, evaluate={"md5": "2"})


def test_a_stage_that_both_ran_keeps_ours():
    assert lockfile.merged(lock(a="1"), lock(a="2"), lock(a="3")) == lock(a="2")


def test_a_stage_that_one_side_added_or_removed_is_there_or_gone():
    assert lockfile.merged(
        lock(gone="1", old="1"), lock(old="1", mine="1"), lock(gone="1", old="1", other="1")
    ) == lock(old="1", mine="1", other="1")


@given(RUNS, RUNS, RUNS)
def test_whatever_the_runs_a_merge_holds_no_run_that_neither_side_has(base, ours, theirs):
    found = lockfile.merged(lock(**base), lock(**ours), lock(**theirs))["stages"]
    assert all(run in (ours.get(name), theirs.get(name)) for name, run in found.items())
    assert lockfile.merged(lock(**base), lock(**base), lock(**theirs))["stages"] == theirs
    assert lockfile.merged(lock(**base), lock(**ours), lock(**base))["stages"] == ours
    assert lockfile.merged(lock(**base), lock(**ours), lock(**ours))["stages"] == ours


def test_ledgers_are_the_outputs_below_replies():
    outs = [{"path": "data/generate", "md5": "1.dir"}, {"path": "data/replies/generate.jsonl", "md5": "2"}]
    assert lockfile.ledgers(lock(generate={"outs": outs}, teach={})) == {"data/replies/generate.jsonl": "2"}


@pytest.mark.parametrize(
    "text", ["<<<<<<< HEAD\n", "stages: []", "schema: '2.0'\nstages: {a: 1", "schema: '2.0'\nstages: [1]"]
)
def test_what_is_no_lock_is_refused(text):
    with pytest.raises(ValueError, match="expected a dvc.lock"):
        lockfile.read(text)


@pytest.mark.parametrize(
    "value", [1e-05, 1e20, 0.001, "off", "yes", "12:30:45", "2024-01-01", "1e5", "012", None, True]
)
def test_a_parameter_is_read_as_dvc_wrote_it(value):
    """Else its stage would run again after a merge, which takes its hash from what was read."""
    run = lock(train={"cmd": "train", "params": {"params.yaml": {"train.learning-rate": value}}})
    assert lockfile.read(dumps_yaml(run)) == run
    assert dumps_yaml(lockfile.read(dumps_yaml(run))) == dumps_yaml(run)


def test_an_absent_version_is_an_empty_lock():
    assert lockfile.read("") == lock()
