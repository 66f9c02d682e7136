"""Score every pair, then keep those that pass all gates.

    python -m stages.curate data/generate/pairs.jsonl data/chunk data/curate data/metrics/curate.json --min-rank 0

Scores come first and are kept in the record; a threshold is applied last, so that a new one asks no model.
"""

from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from stages import records
from stages.command import Stage
from stages.quality import grounding, tokens, wording
from stages.records import Chunk, Decision, Fact, Pair
from stages.tally import Tally, progress

Verdict = tuple[str, float | str]  # reason, value


@click.command(cls=Stage, help=__doc__)
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("chunk", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--max-gives-away",
    default=0.85,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Most of the answer's telling words that the question may hold, share.",
)
@click.option(
    "--max-answer-words", default=60, show_default=True, type=click.IntRange(1), help="Longest answer, words."
)
@click.option(
    "--min-coverage",
    default=0.8,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Least of the answer's content words that its evidence holds, share.",
)
@click.option(
    "--min-rank",
    default=0.0,
    show_default=True,
    help="Least rank (log-odds that the pair is valid, see generate), for pairs that have one.",
)
@click.option("--language", default="en", show_default=True, help="Language of the pairs, ISO 639-1; any: no gate.")
@click.option(
    "--min-language-score",
    default=0.8,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="How sure of another language before a pair is dropped, 0 to 1.",
)
def main(
    pairs_file: Path, chunk: Path, output: Path, metrics: Path, max_gives_away: float, max_answer_words: int,
    min_coverage: float, min_rank: float, language: str, min_language_score: float,
) -> None:  # fmt: skip
    """Read pairs, score, decide, write."""
    tally = Tally("curate", "pairs")
    pairs = records.read(pairs_file, Pair)
    facts = {fact.id: fact for fact in records.stream(chunk / "facts.jsonl", Fact)}
    headers = {c.id: c.header for c in records.stream(chunk / "chunks.jsonl", Chunk)}

    # In the order in which they are asked: the first that fails names the reason.
    gates: list[Callable[[dict[str, float]], Verdict | None]] = [
        lambda s: ("not_a_question", s["question"]) if not s["question"] else None,
        lambda s: ("dangling", s["dangling"]) if s["dangling"] else None,
        lambda s: ("answer_too_long", s["answer_words"]) if s["answer_words"] > max_answer_words else None,
        lambda s: ("off_topic", s["on_topic"]) if not s["on_topic"] else None,
        lambda s: ("gives_away", s["gives_away"]) if s["gives_away"] > max_gives_away else None,
        lambda s: ("ungrounded", s["coverage"]) if s["coverage"] < min_coverage or s["unsupported"] else None,
        lambda s: ("foreign_name", s["foreign"]) if s["foreign"] else None,
        lambda s: ("low_rank", s["rank"]) if "rank" in s and s["rank"] < min_rank else None,
        lambda s: ("wrong_language", s["other_language"]) if s["other_language"] >= min_language_score else None,
        lambda s: ("personal_data", s["personal_data"]) if s["personal_data"] else None,
    ]
    kept = []
    for pair in progress(pairs, "curate"):
        known = [pair.topic, *(evidence.quote for evidence in pair.evidence)]
        for fact in (facts[identity] for identity in pair.facts if identity in facts):
            known += [fact.quote, fact.topic, headers.get(fact.chunk, "")]
            if fact.statement and grounding.stands_on(fact.statement, " \n".join(known)):
                known.append(fact.statement)  # in which rows and lists are put as sentences
        scores, words = score(pair, " \n".join(known), language)
        scored = msgspec.structs.replace(pair, scores=pair.scores | scores)
        verdict = next((verdict for gate in gates if (verdict := gate(scored.scores))), None)
        if verdict:
            reason, value = verdict[0], words.get(verdict[0], verdict[1])
            tally.reject(pair.id, reason, value, msgspec.structs.replace(
                scored, decision=Decision(kept=False, reason=reason, value=value)))  # fmt: skip
        else:
            kept.append(msgspec.structs.replace(scored, decision=Decision(kept=True)))
    records.write(output / "pairs.jsonl", kept)
    covered = {fact for pair in kept for fact in pair.facts}
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=len(kept), facts=len(facts),
        facts_covered=len(covered & facts.keys()),
    )  # fmt: skip


def score(pair: Pair, known: str, language: str) -> tuple[dict[str, float], dict[str, str]]:
    """Return all scores of a pair, and for those that count words the words themselves, by reason."""
    from stages.quality import language as languages  # these two load models and tables
    from stages.quality import privacy

    question, answer = pair.question, pair.answer
    pointing = wording.dangling(question)
    unsupported = grounding.unsupported(answer, known)
    foreign = grounding.foreign(question, known)
    detected, sure = languages.detect(f"{question} {answer}")
    private = privacy.find_new(f"{question}\n{answer}", known)
    shared = tokens.stems(question) & tokens.stems(known)
    scores = {
        "question": float(wording.is_question(question)),
        "dangling": float(len(pointing)),
        "answer_words": float(len(answer.split())),
        "on_topic": float(len(shared)),
        "gives_away": 0.0 if pair.form in wording.POLAR else round(wording.gives_away(question, answer, pair.topic), 4),
        "coverage": round(grounding.coverage(answer, known), 4),
        "unsupported": float(len(unsupported)),
        "foreign": float(len(foreign)),
        "other_language": round(sure, 4) if language != "any" and detected not in (language, "und") else 0.0,
        "personal_data": float(len(private)),
    }
    words = {"dangling": ", ".join(pointing), "foreign_name": ", ".join(foreign)}
    words |= {"ungrounded": ", ".join(unsupported)} if unsupported else {}
    if scores["personal_data"]:
        words["personal_data"] = ", ".join(sorted({hit.kind for hit in private}))
    return scores, words | ({"wrong_language": detected} if scores["other_language"] else {})


if __name__ == "__main__":
    main()
