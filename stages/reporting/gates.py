"""What each gate of `decide` did, alone and to whom, and how many pairs pointed outside themselves at each step."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.reporting.gather import GatherError, metrics, needed
from stages.scoring.statistics import wilson


@dataclass(frozen=True)
class Share:
    """A part of a whole, with its 95 % interval."""

    part: int
    whole: int

    @property
    def low(self) -> float:
        """Lower end of Wilson's interval."""
        return wilson(self.part / self.whole if self.whole else 0.0, self.whole)[0]

    @property
    def high(self) -> float:
        """Upper end of it."""
        return wilson(self.part / self.whole if self.whole else 0.0, self.whole)[1]


@dataclass(frozen=True)
class Slice:
    """Pairs of a kind that a gate hits more than others."""

    kind: str
    value: str
    share: Share
    ratio: float


@dataclass(frozen=True)
class Gate:
    """One gate: what it rejected of the pairs that came to it, and what no other gate would reject."""

    name: str
    share: Share
    rejects: int
    only: int
    more: list[Slice]
    wrongly: Share  # of the labelled pairs that are valid, those which it rejects


@dataclass(frozen=True)
class Opinion:
    """A gate on what a model says: how well that agrees with the labels, and whether it may reject."""

    name: str
    kappa: float | None  # Cohen's
    low: float
    high: float
    labels: int
    trusted: bool


@dataclass(frozen=True)
class Gates:
    """All gates that rejected something, and the share of dangling pairs before repair, after it, and of those kept."""

    gates: list[Gate]
    idle: list[str]
    dangling: list[tuple[str, Share]]
    wrongly: Share  # of the labelled pairs that are valid, those which any gate rejects
    labels: int
    opinions: list[Opinion]


def gates(data: Path) -> Gates:
    """Return what the gates did. Raises GatherError if the stages were not run."""
    path = needed(data / "decide" / "filter_impact.json", "decide")
    measured, decided = metrics(data, "curate"), metrics(data, "decide")
    try:
        impact: dict[str, Any] = json.loads(path.read_text())
        labelled = {name: Share(one["valid_rejected"], one["valid"]) for name, one in impact["false_rejects"].items()}
        found = [_gate(name, tables, impact["alone"][name], labelled[name]) for name, tables in impact["gates"].items()]
        opinions = [Opinion(name=name, **one) for name, one in impact["agreement"].items()]
        labels = int(decided["labels"])
        idle = [name for name, alone in impact["alone"].items() if not alone["rejects"]]
        steps = [
            ("before repair", Share(int(measured["dangling_before"]), int(measured["in"]))),
            ("after repair", Share(int(measured["dangling_after_repair"]), int(measured["in"]))),
            ("after rejection", Share(int(decided["dangling_kept"]), int(decided["kept"]))),
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise GatherError(f"{path} or the metrics of curate and decide: expected the impact of gates ({error!r}); run "
                          "`dvc repro decide`") from error  # fmt: skip
    return Gates(gates=found, idle=idle, dangling=steps, wrongly=labelled["any"], labels=labels, opinions=opinions)


def _gate(name: str, tables: dict[str, Any], alone: dict[str, int], wrongly: Share) -> Gate:
    every = tables["all"]["all"]
    more = [
        Slice(kind=kind, value=value, share=Share(row["n_hit"], row["n_in"]), ratio=row["ratio"])
        for kind, rows in tables.items() for value, row in rows.items() if row["more"]
    ]  # fmt: skip
    return Gate(name=name, share=Share(every["n_hit"], every["n_in"]), rejects=alone["rejects"], only=alone["only"],
                more=sorted(more, key=lambda one: -one.ratio), wrongly=wrongly)  # fmt: skip
