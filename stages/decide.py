"""Keep the pairs that pass all gates, or that a person accepted; say why of every other one.

    python -m stages.decide data/curate data/judge data/sources/decisions.jsonl data/decide \
        data/metrics/decide.json --min-rank 0.5

Only thresholds on the scores of `curate` and `judge`: a new one asks no model. The decisions of people stand over all
gates, unless they disagree about a pair. What a model thinks rejects only if the labelled pairs bear it out.
"""

from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.curation import calibration, conflicts, gates, impact, people, review
from stages.curation.scored import Labelled, Opinion, S, Scored, plain, with_opinions
from stages.records import Decision, Pair
from stages.tally import Tally

SHARE = click.FloatRange(0, 1)


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("curate", type=click.Path(exists=True, path_type=Path))
@click.argument("judge", type=click.Path(exists=True, path_type=Path))
@click.argument("decisions", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--min-rank", default=0.5, help="Least rank (log-odds of being valid, see generate) of pairs that have one."
)
@click.option("--min-gain", default=-10.0, help="Least information gain, nats a token, of pairs that have one.")
@click.option("--min-coverage", default=0.5, type=SHARE, help="Least of an answer's words that its evidence holds.")
@click.option("--max-unknown", default=4, type=click.IntRange(0), help="So few other words are no matter of shares.")
@click.option("--max-gives-away", default=0.85, type=SHARE, help="Most of the answer's words that a question may hold.")
@click.option("--max-answer-words", default=60, type=click.IntRange(1), help="Longest answer, words.")
@click.option("--min-language-score", default=0.8, type=SHARE, help="How sure of another language a reject must be.")
@click.option(
    "--min-mark", default=0.5, type=SHARE, help="Least of a judge's lowest mean mark, of pairs that have one."
)
@click.option("--min-round-trip", default=0.5, type=SHARE, help="Least match of the answer given again, likewise.")
@click.option("--min-kappa", default=0.6, type=click.FloatRange(-1, 1), help="From where these two may reject: least "
              "Cohen's kappa with the labels, lower end of its interval.")  # fmt: skip
@click.option("--review", "most", default=100, type=click.IntRange(0), help="Most pairs in the review queue.")
def main(
    curate: Path, judge: Path, decisions: Path, output: Path, metrics: Path, min_kappa: float, most: int,
    **limits: float,
) -> None:  # fmt: skip
    """Read scored pairs, apply gates and decisions, write."""
    tally = Tally("decide", "pairs")
    pairs = _read("pairs.jsonl", Scored, curate, judge)
    labelled = _read("labels.jsonl", Labelled, curate, judge)
    rulings = people.by_pair(disk.stream(decisions, people.Ruling), str(decisions))
    asked_for = msgspec.convert(limits, gates.Thresholds)
    agreements = calibration.agreements(labelled, asked_for, min_kappa)
    thresholds = calibration.applied(asked_for, agreements)
    decided = [impact.Decided(pair, gates.failed(pair, thresholds)) for pair in pairs]
    reviewed = [(pair, found) for pair in pairs if (found := people.on(pair, rulings))]
    ruled = {pair.id: ruling for pair, found in reviewed if (ruling := people.agreed(pair, found))}

    passed = [
        pair for pair, verdicts in decided
        if (ruled[pair.id].decision == "accept" if pair.id in ruled else not verdicts)
    ]  # fmt: skip
    groups = conflicts.conflicting(passed)
    torn = {pair.id: group for group in groups for pair in group}
    kept: list[Pair] = []
    taken = {pair.id for pair in pairs}
    for pair, verdicts in decided:
        ruling = ruled.get(pair.id)
        if ruling and ruling.decision == "edit":
            kept.append(_kept(people.edited(pair, ruling, taken), people.note(ruling)))
        elif ruling and ruling.decision == "accept":
            kept.append(_kept(pair, people.note(ruling)))
        elif ruling:
            _reject(tally, pair, "rejected_by_person", ": ".join(filter(None, [ruling.who, ruling.why])))
        elif verdicts:
            _reject(tally, pair, *verdicts[0])
        elif pair.id in torn:
            _reject(tally, pair, "conflict", ", ".join(other.id for other in torn[pair.id] if other.id != pair.id))
        else:
            kept.append(_kept(pair))
    open_ = [one for one in decided if one.pair.id not in ruled]
    disputed = {pair.id for pair, _ in reviewed} - ruled.keys()
    doubts = review.queue(open_, torn, disputed, thresholds, most)
    disk.write(output / "pairs.jsonl", kept)
    disk.write(output / "conflicts.jsonl", [conflicts.conflict(group) for group in groups])
    disk.write_bytes(output / "queue.jsonl", b"".join(msgspec.json.encode(one) + b"\n" for one in doubts))
    disk.write_json(output / "filter_impact.json", impact.report(decided) | {
        "false_rejects": calibration.false_rejects(labelled, thresholds), "agreement": agreements,
    })  # fmt: skip
    lost = sorted(rulings.keys() - {ruling.id for _, found in reviewed for ruling in found})
    if lost:
        click.echo(f"decide: {decisions} decides on pairs that are not there: {', '.join(lost[:5])}"
                   f"{' ...' if len(lost) > 5 else ''}", err=True)  # fmt: skip
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=len(kept),
        facts_covered=len({fact for pair in kept for fact in pair.facts}), conflicts=len(groups), review=len(doubts),
        judged=sum("judge" in pair.scores for pair in pairs), agreement=agreements, labels=len(labelled),
        decisions=len(ruled), decisions_unmatched=len(lost), reviewers=review.agreement(reviewed),
        dangling_kept=sum(pair.scores.get("dangling", 0) > 0 for pair in kept),
    )  # fmt: skip


def _read(name: str, kind: type[S], curate: Path, judge: Path) -> list[S]:
    return list(with_opinions(disk.stream(curate / name, kind), disk.read(judge / name, Opinion)))


def _kept(pair: Pair, why: str | None = None) -> Pair:
    return plain(pair, decision=Decision(kept=True, reason=why))


def _reject(tally: Tally, pair: Scored, reason: str, value: float | str) -> None:
    decision = Decision(kept=False, reason=reason, value=value)
    tally.reject(pair.id, reason, value, msgspec.structs.replace(pair, decision=decision))


if __name__ == "__main__":
    main()
