"""Are leaks of evaluation questions found in training rows, and is nothing else taken for one?

    make bench-setup    # brings the sentence encoder
    python benchmarks/decontaminate.py

Leaks of nine kinds, near-misses and clean rows are made of labelled questions (deduping/planted.py). Rules are held
against them: the project's matcher (`similarity.matches`), on question and answer of a row; the sentence encoder
(stages/quality/semantic.py) for paraphrases, without pairs that words tell apart (stages/quality/apart.py), if its
weights are there; and the rule that is usual for documents, any n words in a row in common, with 13 and with 8 words.
A leak is found if its row is matched with the question that it was made of. Any match of a near-miss or of a clean row
is a false alarm. The last line is one JSON object.
"""

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from deduping import planted
from deduping.planted import CLEAN, LEAKS, NEAR_MISSES, Row
from deduping.scores import Share, total

from stages.quality import apart, semantic, similarity

FULL, QUICK = (3_000, 10_000), (200, 600)  # evaluation questions, rows
ENCODER = Path(".cache/bench/encoder")
WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # SHA-256, of all-MiniLM-L6-v2
GRAMS = (13, 8)
LONGEST = 40  # words of a row that the encoder reads
MATCHER, WITH_ENCODER = "matcher", "matcher and encoder"
_WORD = re.compile(r"\w+")

Matches = Iterable[tuple[int, int]]  # row, evaluation question


def main() -> None:
    """Plant, look, count, print a table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", choices=("dev", "test"), default="test", help="words of the edits, default test")
    parser.add_argument("--seed", type=int, default=0, help="of the rows, default 0")
    parser.add_argument("--encoder", type=Path, default=ENCODER, help=f"folder with its weights, default {ENCODER}")
    parser.add_argument("--min-cosine", type=float, default=0.85, help="least cosine of a paraphrase, default 0.85")
    parser.add_argument("--wrong", action="store_true", help="list what the matcher misses, and its false alarms")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK[0]} questions, {QUICK[1]} rows")
    given = parser.parse_args()
    evaluation, rows = planted.make(*(QUICK if given.quick else FULL), given.seed, given.edits)
    rules: dict[str, Callable[[], Matches]] = {MATCHER: lambda: matched(rows, evaluation)}
    rules |= {f"{size}-gram": lambda size=size: shared(rows, evaluation, size) for size in GRAMS}
    if folder := weights(given.encoder):
        encoder = semantic.load(str(folder))
        rules["encoder"] = lambda: near(rows, evaluation, encoder, given.min_cosine)
    else:
        print(f"the sentence encoder is not installed (make bench-setup): no model.safetensors below {given.encoder}")
    found: dict[str, set[tuple[int, int]]] = {}
    seconds = {}
    for name, rule in rules.items():
        started = time.perf_counter()
        found[name] = set(rule())
        seconds[name] = round(time.perf_counter() - started, 2)
    if "encoder" in found:
        found[WITH_ENCODER] = found[MATCHER] | found.pop("encoder")
        seconds[WITH_ENCODER] = round(seconds[MATCHER] + seconds.pop("encoder"), 2)
    scores = {name: by_kind(rows, matches) for name, matches in found.items()}
    if given.wrong:
        wrong(rows, evaluation, found[MATCHER])
    print(
        f"{len(evaluation)} evaluation questions, {len(rows)} rows with the edits of {given.edits}, seed {given.seed}"
    )
    print(f"\n{table(scores, seconds)}\n\nof the matcher, with Wilson's 95 % intervals")
    for kind, share in scores[MATCHER].items():
        print(f"  {kind:14}{share}")
    print(json.dumps(figures(scores, seconds, given.edits)))


def matched(rows: list[Row], evaluation: list[str]) -> Matches:
    """Return the matches of the project's matcher in questions and answers."""
    texts = [row.question for row in rows] + [row.answer for row in rows]
    return ((text % len(rows), other) for text, other, *_ in similarity.matches(texts, evaluation))


def near(rows: list[Row], evaluation: list[str], encoder: semantic.Encoder, min_cosine: float) -> Matches:
    """Return what the encoder takes for the same, without pairs that differ in a digit, a negation, an opposite.

    It reads no longer texts: their mean vector says little about one sentence of theirs.
    """
    short = [place for place, row in enumerate(rows) if len(row.question.split()) <= LONGEST]
    texts = [rows[place].question for place in short]
    pairs = semantic.neighbours(texts, evaluation, encoder, min_cosine)
    return ((short[text], other) for text, other, _ in pairs if not apart.told_apart(texts[text], evaluation[other]))


def shared(rows: list[Row], evaluation: list[str], size: int) -> Matches:
    """Return rows and questions with that many words in a row in common; shorter questions have none."""
    held: dict[tuple[str, ...], list[int]] = {}
    for place, question in enumerate(evaluation):
        for gram in grams(question, size):
            held.setdefault(gram, []).append(place)
    for place, row in enumerate(rows):
        for gram in grams(f"{row.question} {row.answer}", size) & held.keys():
            yield from ((place, other) for other in held[gram])


def grams(text: str, size: int) -> set[tuple[str, ...]]:
    """Return all so many words in a row, in small letters and without punctuation."""
    words = _WORD.findall(text.lower())
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def weights(folder: Path) -> Path | None:
    """Return the folder of the encoder's weights at or below a folder, None if there is none; other weights stop it."""
    for file in sorted(folder.rglob("model.safetensors")):
        if (digest := hashlib.sha256(file.read_bytes()).hexdigest()) != WEIGHTS:
            sys.exit(f"{file}: expected the weights of all-MiniLM-L6-v2, SHA-256 {WEIGHTS}, not {digest}")
        return file.parent
    return None


def by_kind(rows: list[Row], matches: set[tuple[int, int]]) -> dict[str, Share]:
    """Return, of each kind of leak, what is found, and of near-misses and clean rows, what is taken for a leak."""
    flagged = {row for row, _ in matches}
    hits = [(place, row.source) in matches if row.kind in LEAKS else place in flagged for place, row in enumerate(rows)]
    return {
        kind: Share(
            sum(hit for hit, row in zip(hits, rows, strict=True) if row.kind == kind),
            sum(row.kind == kind for row in rows),
        )
        for kind in (*LEAKS, *NEAR_MISSES, CLEAN)
    }


def table(scores: dict[str, dict[str, Share]], seconds: dict[str, float]) -> str:
    """Return the shares of all rules as a Markdown table."""
    lines = ["| | " + " | ".join(scores) + " |", "|" + "---|" * (len(scores) + 1)]
    for kind in (*LEAKS, *NEAR_MISSES, CLEAN):
        name = f"found: {kind}" if kind in LEAKS else f"false alarms: {kind}"
        lines.append(f"| {name} | " + " | ".join(f"{one[kind].rate:.2%}" for one in scores.values()) + " |")
    return "\n".join([*lines, "| seconds | " + " | ".join(f"{seconds[name]:.1f}" for name in scores) + " |"])


def figures(scores: dict[str, dict[str, Share]], seconds: dict[str, float], edits: str) -> dict:
    """Return the figures of the last line; those without a rule's name are the matcher's."""

    def of(name: str) -> dict:
        shares = scores[name]
        return {
            "found": {kind: round(shares[kind].rate, 4) for kind in LEAKS},
            "false_alarm_rate": round(shares[CLEAN].rate, 5),
            "false_alarms_of_near_misses": total(shares[kind] for kind in NEAR_MISSES).part,
            "near_misses": {kind: round(shares[kind].rate, 4) for kind in NEAR_MISSES},
            "seconds": seconds[name],
        }

    encoder = of(WITH_ENCODER) if WITH_ENCODER in scores else None
    others = {name: of(name) for name in scores if name not in (MATCHER, WITH_ENCODER)}
    return {"edits": edits, **of(MATCHER), "with_encoder": encoder, "others": others}


def wrong(rows: list[Row], evaluation: list[str], matches: set[tuple[int, int]]) -> None:
    """Print the leaks that are missed and the false alarms, but for paraphrases."""
    for place, row in enumerate(rows):
        if row.kind in LEAKS and row.kind != "paraphrase" and (place, row.source) not in matches:
            print(f"{row.kind} missed\n  {evaluation[row.source]}\n  {row.question}")
    for place, other in sorted(matches):
        if rows[place].kind not in LEAKS:
            print(f"{rows[place].kind} taken for a leak\n  {evaluation[other]}\n  {rows[place].question}")


if __name__ == "__main__":
    main()
