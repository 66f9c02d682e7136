"""How well does the rank of a question tell valid pairs from others, and which weights tell best?

    python benchmarks/rank.py                    # with the question writer in data/teach
    python benchmarks/rank.py --teach FOLDER --labels FILE

Scores labelled questions (tests/data) as the stage generate does, fits a logistic regression on information gain and
nll, apart from that of the questions made by rule, and prints its weights, which params.yaml has rounded. Precision
and the share of the valid questions that are kept are measured in five folds, parted by statement, over the
thresholds. The last line is one JSON object.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np

from stages import disk, records
from stages.llm import gain, generation, questions
from stages.llm.replies import Replies

LABELS = Path("tests/data/question_labels.jsonl")
FOLDS = 5


class Label(records.Record, kw_only=True):
    """A question with its verdict."""

    topic: str
    answer: str
    question: str
    form: str
    valid: bool
    reason: str | None = None


def main() -> None:
    """Score, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teach", type=Path, default=Path("data/teach"), help="folder of the question writer")
    parser.add_argument("--labels", type=Path, default=LABELS, help="labelled questions")
    parser.add_argument("--quick", action="store_true", help="the first 60 labels")
    given = parser.parse_args()
    labels = disk.read(given.labels, Label)[: 60 if given.quick else None]
    who = generation.asker("embedded", "main", "embedded", given.teach, [])
    with tempfile.TemporaryDirectory() as folder:
        replies = Replies(Path(folder, "ledger.jsonl"))
        wanted = [(one.topic, one.answer, one.question) for one in labels]
        scores = gain.score(wanted, generation.scored_by("embedded", who, given.teach), replies)
    x = np.array([[min(one.gain or 0.0, questions.GAIN), one.question_nll] for one in scores])
    x = np.c_[x, [one.form != "model" for one in labels]]
    y = np.array([one.valid for one in labels], float)
    fold = np.array([int(hashlib.sha256(one.answer.encode()).hexdigest(), 16) % FOLDS for one in labels])
    told = np.zeros(len(y))
    for number in range(FOLDS):
        told[fold == number] = with_one(x[fold == number]) @ fitted(x[fold != number], y[fold != number])
    weights = fitted(x, y)
    print(f"{len(y)} questions, {y.mean():.0%} valid; area under the curve {area(told, y):.3f}")
    names = ("gain-weight", "nll-penalty", "rule-bonus", "rank-offset")
    found = dict(zip(names, (weights * [1, -1, 1, 1]).round(2).tolist(), strict=True))
    print("weights  " + ", ".join(f"{name} {value}" for name, value in found.items()))
    print(f"{'rank from':>10}{'kept':>7}{'valid':>8}{'of the valid':>14}{'by the model: kept':>20}{'valid':>8}")
    for least in (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0):
        kept = told >= least
        model = kept & (x[:, 2] == 0)
        print(f"{least:10.1f}{kept.sum():7}{share(y[kept]):>8}{y[kept].sum() / y.sum():14.0%}"
              f"{model.sum():20}{share(y[model]):>8}")  # fmt: skip
    print(
        json.dumps({"area": round(area(told, y), 4), "precision_at_0": round(float(y[told >= 0].mean()), 4), **found})
    )


def with_one(x: np.ndarray) -> np.ndarray:
    """Return the features with a constant."""
    return np.c_[x, np.ones(len(x))]


def fitted(x: np.ndarray, y: np.ndarray, ridge: float = 0.1) -> np.ndarray:
    """Return the weights of a logistic regression, the constant last, by Newton's method."""
    z, weights = with_one(x), np.zeros(x.shape[1] + 1)
    small = ridge * np.diag([*np.ones(x.shape[1]), 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ weights))
        hessian = (z * (p * (1 - p))[:, None]).T @ z + small + 1e-9 * np.eye(len(weights))
        weights -= np.linalg.solve(hessian, z.T @ (p - y) + small @ weights)
    return weights


def area(told: np.ndarray, y: np.ndarray) -> float:
    """Return the chance that a valid question is told to be likelier valid than an invalid one."""
    good, bad = told[y == 1][:, None], told[y == 0][None]
    return float((good > bad).mean() + 0.5 * (good == bad).mean())


def share(values: np.ndarray) -> str:
    """Return a share in percent, - of nothing."""
    return f"{values.mean():.0%}" if len(values) else "-"


if __name__ == "__main__":
    main()
