"""Do the gates reject what is wrong, and keep what is right?

    python benchmarks/gates.py
    python benchmarks/gates.py --labels tests/data/gates_held_out.jsonl

Runs labelled pairs (tests/data) through the rules of curate and the gates of decide with their default thresholds,
and prints what share of each kind is rejected, and of each gate how much of what it rejects is wrong (precision) and
what share of the pairs that are wrong in its way it rejects (recall), with Wilson's 95 % intervals. A pair whose
pointer was mended counts as rejected. The last line is one JSON object.
"""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from stages import disk, records
from stages.curation import gates
from stages.curation.measure import Context, measure
from stages.records import Evidence, Pair
from stages.scoring.statistics import wilson

LABELS = Path("tests/data/gates.jsonl")
# The gate that is there for a kind of near miss; other gates may strike, too.
MEANT = {
    "digit": "ungrounded", "unit": "ungrounded", "flag": "ungrounded", "url": "bad_link", "negation": "negated",
    "entity": "swapped", "cut_off": "cut_off", "dangling_list": "dangling_list", "two_questions": "two_questions",
    "gives_away": "gives_away", "not_a_question": "not_a_question", "dangling": "dangling", "dangling_de": "dangling",
    "abbreviation": "abbreviation", "wrong_language": "wrong_language", "personal_data": "personal_data",
    "too_long": "answer_too_long", "unsupported": "ungrounded", "off_topic": "off_topic",
}  # fmt: skip


class Label(records.Record, kw_only=True):
    """A pair that is right, or wrong in one way."""

    kind: str
    valid: bool
    language: str
    topic: str
    quotes: list[str]
    links: list[str]
    question: str
    answer: str
    note: str = ""


def reasons(label: Label, thresholds: gates.Thresholds) -> list[str]:
    """Return the reasons for which the gates reject a labelled pair, in their order; `dangling` if it was mended."""
    evidence = [Evidence(document="d", quote=quote, span=(0, len(quote))) for quote in label.quotes]
    pair = Pair(id=label.id, question=label.question, answer=label.answer, facts=[], evidence=evidence, source="s",
                topic=label.topic, origin="generated", language=label.language)  # fmt: skip
    context = Context(known=" \n".join([label.topic, *label.quotes]), links=tuple(label.links))
    scored = measure(pair, context, label.language)
    found = [reason for reason, _ in gates.failed(scored, thresholds)]
    return ["dangling", *found] if "repaired" in scored.scores else found


def share(part: int, whole: int) -> str:
    """Return a share with its interval as it is printed."""
    low, high = wilson(part / whole if whole else 0.0, whole)
    return f"{part:4} of {whole:3}  {part / whole if whole else 0:6.1%}  ({low:.1%} to {high:.1%})"


def main() -> None:
    """Judge, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, default=LABELS, help="labelled pairs")
    parser.add_argument("--wrong", action="store_true", help="list the pairs about which the gates are wrong")
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    given = parser.parse_args()
    labels, thresholds = disk.read(given.labels, Label), gates.Thresholds()
    judged = [(one, reasons(one, thresholds)) for one in labels]
    met, rejected = Counter(one.kind for one, _ in judged), Counter(one.kind for one, why in judged if why)
    valid = {one.kind for one, _ in judged if one.valid}
    print(f"{len(judged)} pairs of {given.labels}\n\nrejected, by kind")
    for kind in [*sorted(valid), *sorted(met.keys() - valid)]:
        print(f"  {kind:16}{share(rejected[kind], met[kind])}{'   valid' if kind in valid else ''}")
    right, struck = defaultdict(int), Counter(reason for _, why in judged for reason in set(why))
    for one, why in judged:
        for reason in set(why):
            right[reason] += not one.valid
    print("\neach gate: of what it rejects, wrong pairs; of the pairs that are wrong in its way, rejected by it")
    for gate in gates.GATES:
        kinds = [kind for kind, meant in MEANT.items() if meant == gate]
        of = [why for one, why in judged if one.kind in kinds]
        recall = share(sum(gate in why for why in of), len(of)) if of else "-"
        print(f"  {gate:16}{share(right[gate], struck[gate])}   {recall}")
    if given.wrong:
        for one, why in judged:
            if one.valid == bool(why):
                print(f"\n{one.id} {one.kind} {why} {one.note}\n  {one.question}\n  {one.answer}\n  {one.quotes}")

    def rate(*kinds: str) -> float:
        whole = sum(met[kind] for kind in kinds)
        return round(sum(rejected[kind] for kind in kinds) / whole, 4) if whole else 0.0

    figures = {f"{kind}s_rejected": rate(kind) for kind in ("digit", "unit", "flag", "url")}
    figures |= {"entities_rejected": rate("entity"), "negations_rejected": rate("negation")}
    print(json.dumps(figures | {"valid_rejected": rate(*sorted(valid)), "pairs": len(judged)}))


if __name__ == "__main__":
    main()
