"""Which adapter answers if nobody says."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from stages.reporting.evaluation import best_system, evaluation
from stages.reporting.gather import GatherError
from stages.scoring.systems import BASE


class ChoiceError(ValueError):
    """There is no such adapter, none at all, or no reason to take one of several; the message says what to do."""


def folders(adapters: Path | None) -> dict[str, Path | None]:
    """Return who can be asked, by name: the adapters of a folder, if there is one, and the untuned student."""
    inside = sorted(adapters.iterdir()) if adapters else []
    found = {path.name: path for path in inside if path.is_dir() and not path.name.startswith(".")}
    return {**found, BASE: None}


def chosen(wanted: str | None, names: Sequence[str], data: Path) -> str:
    """Return the one that is wanted, else the best by the evaluation, else the only one.

    Args:
        wanted: its name, if somebody says.
        names: of those who can be asked.
        data: the folder with the metrics.

    Raises ChoiceError if that is none of them.
    """
    tuned = [name for name in names if name != BASE]
    if wanted is not None:
        if wanted not in names:
            raise ChoiceError(f"there is no adapter {wanted!r}; there is {', '.join(names)}")
        return wanted
    if not tuned:
        raise ChoiceError(
            "there is no adapter yet: run `dvc repro`, or `dvc pull` what others made; "
            f"--adapter {BASE} asks the untuned student"
        )
    best = BASE
    with contextlib.suppress(GatherError):  # not evaluated yet
        best = best_system(evaluation(data, tuned), tuned)
    if best not in tuned and len(tuned) > 1:
        raise ChoiceError(
            f"which adapter? The evaluation has scored none of {', '.join(tuned)}; name one: --adapter NAME"
        )
    return best if best in tuned else tuned[0]
