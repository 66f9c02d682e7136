"""In which order pairs are reviewed: queues that depend on the pairs and not on who has decided what."""

from collections.abc import Mapping

from stages.curation import gates, review
from stages.curation.gates import Thresholds
from stages.reviewing.cases import Case

QUEUES = {  # key: name, and what is in it
    "doubt": ("Doubtful first", "All pairs, those first about which the gates are least sure."),
    "gain": ("Lowest gain", "Pairs whose question tells least of the answer come first."),
    "disagree": ("Judge against gates", "A judge, or the answer given again, says otherwise than the gates."),
    "kept": ("Kept", "What was kept, the doubtful first."),
    "rejected": ("Rejected", "What was rejected, the doubtful first."),
    "second": ("Second opinion", "Another reviewer has decided; you see what when you have, too."),
    "disputed": ("Reviewers disagree", "You and others decided differently: nothing holds until all agree."),
    "decided": ("Decided", "Your decisions, the latest first, then pairs that others decided on."),
}
GROUPS = ("concept", "reason")  # queues of their own: `concept:` and its name


def members(cases: Mapping[str, Case], thresholds: Thresholds) -> dict[str, list[str]]:
    """Return the ids of each queue in their order; of those that depend on decisions, none."""

    def doubt(identity: str) -> tuple[bool, bool, float, str]:
        pair, one = cases[identity].pair, cases[identity].doubt
        unsure = one.uncertainty if one else review.uncertainty(pair, thresholds)[0]
        return one is None, one is None or one.why != "reviewers", -unsure, identity

    ordered = sorted(cases, key=doubt)
    gains = {one: cases[one].pair.scores["gain"] for one in ordered if "gain" in cases[one].pair.scores}
    apart = {one: much for one in ordered if (much := _apart(cases[one], thresholds))}
    found: dict[str, list[str]] = {
        "doubt": ordered,
        "gain": sorted(gains, key=lambda one: gains[one]),
        "disagree": sorted(apart, key=lambda one: -apart[one]),
        "kept": [one for one in ordered if cases[one].kept],
        "rejected": [one for one in ordered if not cases[one].kept],
    }
    for one in ordered:
        for concept in cases[one].pair.concepts:
            found.setdefault(f"concept:{concept}", []).append(one)
        if not cases[one].kept and not cases[one].by_people:
            found.setdefault(f"reason:{cases[one].reason}", []).append(one)
    return found


def _apart(case: Case, thresholds: Thresholds) -> float:
    """Return how far a model's opinion of a pair is on the other side of its threshold than the gates' decision."""
    if case.by_people:  # what the gates said is not known
        return 0.0
    found = [0.0]
    for name, limit in gates.CALIBRATED.items():
        score, threshold = case.pair.scores.get(name), getattr(thresholds, limit)
        if score is not None and (score >= threshold) != case.kept:
            found.append(abs(score - threshold) or 1e-9)
    return max(found)
