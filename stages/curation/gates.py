"""The gates, cheapest first: each keeps a scored pair, or rejects it with a reason and the value that decided."""

import math
import sys
from collections.abc import Callable

import msgspec

from stages.curation.scored import Scored

Verdict = tuple[str, float | str]  # reason, value
Gate = Callable[[Scored, "Thresholds"], Verdict | None]


class Thresholds(msgspec.Struct, kw_only=True, frozen=True):
    """What the gates ask for; see `decide` in params.yaml."""

    min_rank: float = 0.5
    min_gain: float = -10.0
    min_coverage: float = 0.5
    max_unknown: int = 4
    max_gives_away: float = 0.85
    max_answer_words: int = 60
    min_language_score: float = 0.8
    min_mark: float = 0.5
    min_round_trip: float = 0.5


LOOSEST = Thresholds(
    min_rank=-math.inf, min_gain=-math.inf, min_coverage=0.0, max_gives_away=math.inf, max_answer_words=sys.maxsize,
    min_language_score=math.inf, min_mark=-math.inf, min_round_trip=-math.inf,
)  # fmt: skip
CALIBRATED = {"judge": "min_mark", "round_trip": "min_round_trip"}  # a model's scores: their thresholds; calibration.py


def _none_of(score: str, reason: str) -> Gate:
    """Return the gate that keeps pairs in which nothing of a kind was found; the value is what was."""

    def gate(pair: Scored, thresholds: Thresholds) -> Verdict | None:
        count = pair.scores.get(score, 0.0)
        return (reason, pair.found.get(score, count)) if count else None

    return gate


def _not_a_question(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    return None if pair.scores["question"] else ("not_a_question", 0.0)


def _two_questions(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    count = pair.scores["questions"]
    return ("two_questions", count) if count > 1 and pair.form != "multi_hop" else None


def _off_topic(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    return None if pair.scores["on_topic"] else ("off_topic", 0.0)


def _answer_too_long(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    count = pair.scores["answer_words"]
    return ("answer_too_long", count) if count > thresholds.max_answer_words else None


def _gives_away(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    share = pair.scores["gives_away"]
    return ("gives_away", share) if share > thresholds.max_gives_away else None


def _ungrounded(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    if pair.scores["unsupported"]:
        return "ungrounded", pair.found.get("unsupported", pair.scores["unsupported"])
    share, unknown = pair.scores["coverage"], pair.scores["unknown"]  # of a few words a share says little
    return ("ungrounded", share) if share < thresholds.min_coverage and unknown > thresholds.max_unknown else None


def _wrong_language(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    sure = pair.scores["other_language"]
    return ("wrong_language", pair.found.get("other_language", sure)) if sure >= thresholds.min_language_score else None


def _low_rank(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    rank = pair.scores.get("rank")
    return ("low_rank", rank) if rank is not None and rank < thresholds.min_rank else None


def _low_gain(pair: Scored, thresholds: Thresholds) -> Verdict | None:
    gain = pair.scores.get("gain")
    return ("low_gain", gain) if gain is not None and gain < thresholds.min_gain else None


def _opinion(name: str) -> Gate:
    """Return the gate on a score that only a model gives."""

    def gate(pair: Scored, thresholds: Thresholds) -> Verdict | None:
        score = pair.scores.get(name)
        return (name, score) if score is not None and score < getattr(thresholds, CALIBRATED[name]) else None

    return gate


GATES: dict[str, Gate] = {
    "two_questions": _two_questions,
    "not_a_question": _not_a_question,
    "heading": _none_of("heading", "heading"),
    "dangling": _none_of("dangling", "dangling"),
    "answer_too_long": _answer_too_long,
    "cut_off": _none_of("cut_off", "cut_off"),
    "dangling_list": _none_of("dangling_list", "dangling_list"),
    "off_topic": _off_topic,
    "gives_away": _gives_away,
    "bad_link": _none_of("links", "bad_link"),
    "ungrounded": _ungrounded,
    "negated": _none_of("negated", "negated"),
    "swapped": _none_of("swapped", "swapped"),
    "foreign_name": _none_of("foreign", "foreign_name"),
    "abbreviation": _none_of("abbreviation", "abbreviation"),
    "wrong_language": _wrong_language,
    "personal_data": _none_of("personal_data", "personal_data"),
    "low_rank": _low_rank,
    "low_gain": _low_gain,
    "judge": _opinion("judge"),
    "round_trip": _opinion("round_trip"),
}


def failed(pair: Scored, thresholds: Thresholds) -> list[Verdict]:
    """Return the verdicts of all gates that reject a pair, in their order."""
    verdicts = (gate(pair, thresholds) for gate in GATES.values())
    return [verdict for verdict in verdicts if verdict]


def worth_asking(pair: Scored) -> bool:
    """Tell whether some thresholds would keep a pair, so that a model's opinion of it is worth its price."""
    return not failed(pair, LOOSEST)
