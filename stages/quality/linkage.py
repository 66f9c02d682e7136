"""Duplicates as two well-known tools see them: by a plain threshold (thefuzz), and by linking records (recordlinkage).

Both take "Llama 2 7B" for "Llama 2 13B" where the rest is long enough; `similarity.clusters` is what does not.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stages import settings
from stages.quality.similarity import normalise
from stages.quality.unions import Unions
from stages.tally import progress

CELLS = 10_000_000  # scores held at once
WINDOW = 9  # records that are neighbours of one in the sorted list, itself included; odd


class LinkageError(RuntimeError):
    """Records cannot be linked; the message says what is missing."""


def scores(rows: Sequence[str], columns: Sequence[str], threshold: float) -> npt.NDArray[np.float64]:
    """Return `thefuzz.fuzz.token_set_ratio` before it is rounded, rows by columns, 0 where it is below the threshold.

    Computed by rapidfuzz, which thefuzz itself calls, many at once; `thefuzz.process.dedupe` compares these, too.

    Args:
        rows, columns: texts as `processed` returns them.
        threshold: 0 to 100.
    """
    from rapidfuzz import fuzz, process

    return process.cdist(
        rows, columns, scorer=fuzz.token_set_ratio, score_cutoff=threshold, dtype=np.float64, workers=settings.threads()
    )


def processed(texts: Sequence[str]) -> list[str]:
    """Return texts as thefuzz compares them: letters and digits in lower case, nothing beyond ASCII."""
    from thefuzz.utils import full_process

    return [full_process(text, force_ascii=True) for text in texts]


def thefuzz_clusters(questions: Sequence[str], threshold: float = 90) -> list[int]:
    """Return for each question the index of the first one before it that leads a cluster and scores the threshold.

    `thefuzz.process.dedupe` keeps the longest match of each text, and so some that match each other; here a question
    goes to the first leader that it matches, and no two leaders do. Each is compared with each: the time is quadratic.

    Args:
        questions: the best first.
        threshold: 0 to 100.
    """
    texts = processed(questions)
    leader = list(range(len(texts)))
    height = max(1, CELLS // max(1, len(texts)))
    for start in progress(range(0, len(texts), height), "compared"):
        rows = [i for i in range(start, min(start + height, len(texts))) if leader[i] == i]
        columns = [i for i in range(start, len(texts)) if leader[i] == i]
        found = scores([texts[i] for i in rows], [texts[i] for i in columns], threshold)
        places = np.array(columns)
        for row, number in zip(found, rows, strict=True):
            if leader[number] == number:
                for other in places[(row >= threshold) & (places > number)]:
                    if leader[other] == other:
                        leader[other] = number
    return leader


def linked_clusters(
    questions: Sequence[str], answers: Sequence[str], sources: Sequence[str], threshold: float = 90
) -> list[int]:
    """Return clusters of records of different sources that agree in question and answer.

    Candidates are neighbours when sorted by question or by answer (Hernández and Stolfo 1995), compared field by field
    (Fellegi and Sunter 1969): question and answer by their bigrams, each of which must reach the threshold, and the
    source, which must differ. Words of a question that say nothing, and their order, do not count.

    Args:
        questions, answers, sources: of each record.
        threshold: 0 to 100.

    Raises LinkageError if the package is not installed.
    """
    try:
        import pandas as pd
        import recordlinkage
    except ImportError as error:
        raise LinkageError(
            f"linking records needs a package that is not installed ({error.name}): pip install -e '.[linkage]'"
        ) from error
    joined = Unions(range(len(questions)))
    table = pd.DataFrame(
        {
            "question": [" ".join(sorted(normalise(question))) for question in questions],
            "answer": [" ".join(answer.casefold().split()) for answer in answers],
            "source": list(sources),
        }
    )
    index = recordlinkage.Index()
    for field in ("question", "answer"):
        index.sortedneighbourhood(field, window=WINDOW)
    candidates = index.index(table) if len(table) > 1 else []
    if len(candidates):
        compare = recordlinkage.Compare()
        compare.string("question", "question", method="qgram", label="question")
        compare.string("answer", "answer", method="qgram", label="answer")
        compare.exact("source", "source", label="source")
        found = compare.compute(candidates, table)
        least = threshold / 100
        alike = found[(found["question"] >= least) & (found["answer"] >= least) & (found["source"] == 0)]
        for one, other in alike.index:
            joined.join(int(one), int(other))
    return [joined.root(number) for number in range(len(questions))]
