"""Which stages are up to date, what a run would do and why, and how long it would take by the last one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

PARAMETER = "parameter"  # the kind of a change that says itself what it is
# Kinds of outputs that are not as the stage made them.
MISSING = "output missing, but in the cache"
EDITED = "output changed since the run"
LOST = "output missing, and not in the cache"
STRANGE = "output not that of dvc.lock, which is not in the cache"
UNCACHED = "output not in the cache"
GONE = "output missing"  # it is never in the cache
UNKNOWN = "output not in dvc.lock"
ADVICE = {
    MISSING: "`dvc checkout` brings missing outputs back without a run",
    EDITED: "`dvc checkout` puts back what the run made, in place of outputs that changed since",
    LOST: "`dvc pull` brings outputs that are not in the cache, if they were pushed; `dvc repro --pull` runs the rest",
    STRANGE: "`dvc pull` brings the outputs of dvc.lock, if they were pushed",
    UNCACHED: "`dvc commit` puts outputs into the cache as they are",
    GONE: "`git checkout` brings back outputs that only Git keeps",
}
FEW = 3  # names shown of many


class State(StrEnum):
    """What a run would do with a stage."""

    UP_TO_DATE = "up to date"
    FROZEN = "frozen"
    FROM_CACHE = "from the cache"  # what it would make is known
    WILL_RUN = "will run"
    MAY_RUN = "may run"  # unless what comes before makes the same as last time
    RUNNING = "running"


@dataclass(frozen=True)
class Change:
    """Something that is not as it was in a stage's last run."""

    kind: str  # "code changed", "data missing", ...; of a parameter PARAMETER
    what: str
    made_by: tuple[str, ...] = ()  # stages of which it is an output


@dataclass(frozen=True)
class Seen:
    """What is seen of a stage alone."""

    name: str
    command: str
    inputs: tuple[Change, ...] = ()
    outputs: tuple[Change, ...] = ()
    before: tuple[str, ...] = ()  # stages whose outputs it reads
    ever_run: bool = True
    cached: bool = False  # is what its inputs gave in an earlier run in the cache?
    frozen: bool = False
    running: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a run would do with a stage, and why."""

    name: str
    state: State
    changes: tuple[Change, ...] = ()
    follows: tuple[str, ...] = ()  # the changed stages before it
    ever_run: bool = True

    @property
    def runs(self) -> bool:
        """Whether it may run, or runs now."""
        return self.state in (State.WILL_RUN, State.MAY_RUN, State.RUNNING)

    @property
    def reasons(self) -> list[str]:
        """Why, in words; what is the same of several things is said once."""
        grouped = defaultdict(list)
        for change in self.changes:
            grouped[change.kind].append(change.what)
        said = [] if self.ever_run else ["never run"]
        for kind, whats in grouped.items():
            said += whats if kind == PARAMETER else [f"{kind}: {some(whats)}"]
        return said + ([f"follows {some(self.follows)}"] if self.follows else [])


def some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")


def verdicts(stages: Iterable[Seen]) -> list[Verdict]:
    """Return what a run would do with each stage, in the order given; no stage may come before itself."""
    seen = {stage.name: stage for stage in stages}
    found: dict[str, Verdict] = {}

    def find(name: str) -> Verdict:
        if name not in found:
            found[name] = _verdict(seen[name], [find(one) for one in seen[name].before])
        return found[name]

    return [find(name) for name in seen]


def _verdict(stage: Seen, before: Sequence[Verdict]) -> Verdict:
    if stage.frozen:
        return Verdict(stage.name, State.FROZEN, stage.outputs)
    moved = {one.name: one.follows if one.state == State.MAY_RUN else (one.name,) for one in before if _moves(one)}
    follows = tuple(dict.fromkeys(root for roots in moved.values() for root in roots))
    inputs = tuple(one for one in stage.inputs if not moved.keys() & set(one.made_by))  # will be made anew
    state = State.UP_TO_DATE
    if stage.running:
        state = State.RUNNING
    elif inputs or not stage.ever_run:
        state = State.FROM_CACHE if stage.cached and not follows else State.WILL_RUN
    elif stage.outputs and not stage.cached:
        state = State.WILL_RUN
    elif follows:
        state = State.MAY_RUN
    elif stage.outputs:
        state = State.FROM_CACHE
    return Verdict(stage.name, state, inputs + stage.outputs, follows, stage.ever_run)


def _moves(one: Verdict) -> bool:
    """Return whether what a stage makes may become something else than it was."""
    kept = one.state == State.FROM_CACHE and one.ever_run and all(change.kind in ADVICE for change in one.changes)
    return one.state not in (State.UP_TO_DATE, State.FROZEN) and not kept


@dataclass(frozen=True)
class Cost:
    """How long a run takes by the last one, in seconds."""

    least: float  # of the stages that will run
    most: float  # with those that may
    untimed: tuple[str, ...]  # stages of which that is not known


def cost(found: Iterable[Verdict], seconds: Mapping[str, float]) -> Cost:
    """Return how long a run would take, by how long each stage took last."""
    runs = [one for one in found if one.runs]
    timed = [(one, seconds[one.name]) for one in runs if one.name in seconds]
    return Cost(
        least=round(sum(took for one, took in timed if one.state != State.MAY_RUN), 1),
        most=round(sum(took for _, took in timed), 1),
        untimed=tuple(one.name for one in runs if one.name not in seconds),
    )


def advice(found: Iterable[Verdict]) -> list[str]:
    """Return what may spare a run, or loses nothing."""
    kinds = {change.kind for one in found for change in one.changes}
    return [text for kind, text in ADVICE.items() if kind in kinds]
