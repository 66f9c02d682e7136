"""Cluster questions with one tool, and say how long it took.

python -P benchmarks/deduping/tools.py TOOL QUESTIONS RESULT

It runs in the tool's own environment, so that it imports nothing of the benchmark. QUESTIONS is a JSON list; RESULT
gets `seconds` (of the clustering, without imports and reading), `peak_mb` of this process, and `clusters`: of each
question a number, the same for those that the tool takes for duplicates of each other, directly or by a chain.
"""

import json
import resource
import struct
import sys
import tempfile
import time
from pathlib import Path

CORES = 2
SHINGLE = 4  # characters of a shingle; questions are too short for the usual five words
JACCARD = 0.8  # of shingles, the threshold that is usual for documents
PERMUTATIONS = 128


class Union:
    """Sets of rows that are merged pair by pair."""

    def __init__(self, rows):
        self.parent = list(range(rows))

    def find(self, row):
        """Return the set of a row."""
        while self.parent[row] != row:
            self.parent[row] = row = self.parent[self.parent[row]]
        return row

    def merge(self, left, right):
        """Merge the sets of two rows."""
        left, right = sorted((self.find(left), self.find(right)))
        self.parent[right] = left

    def clusters(self):
        """Return the set of each row."""
        return [self.find(row) for row in range(len(self.parent))]


def shingles(text):
    """Return the set of shingles of a text in small letters."""
    text = " ".join(text.lower().split())
    return {text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))}


def faqtune():
    """The matcher of this project."""
    from stages.quality.similarity import clusters

    return clusters


def thefuzz():
    """What `thefuzz.process.dedupe(threshold=90)` does, keeping for each question which one it keeps in its place."""
    from thefuzz import fuzz, process

    def work(questions):
        place = {question: at for at, question in reversed(list(enumerate(questions)))}
        kept = []
        for question in questions:
            found = process.extractBests(question, questions, scorer=fuzz.token_set_ratio, score_cutoff=90, limit=None)
            kept.append(place[max(found, key=lambda one: (len(one[0]), one[0]))[0]])
        return kept

    return work


def rapidfuzz():
    """All pairs with a token_sort_ratio of at least 90; words are sorted once, so that `ratio` gives the same."""
    import numpy as np
    from rapidfuzz import fuzz, process, utils

    def work(questions):
        texts = [" ".join(sorted(utils.default_process(question).split())) for question in questions]
        union, step = Union(len(texts)), 1000
        for start in range(0, len(texts), step):
            scores = process.cdist(
                texts[start : start + step], texts[start:], scorer=fuzz.ratio, score_cutoff=90, workers=CORES,
                dtype=np.uint8,
            )  # fmt: skip
            for left, right in zip(*np.nonzero(scores), strict=True):
                if left < right:
                    union.merge(start + int(left), start + int(right))
        return union.clusters()

    return work


def _linked(questions, index, hashed):
    """Return clusters of candidates of an LSH index whose estimated Jaccard similarity is high enough."""
    union, hashes = Union(len(questions)), []
    for row, question in enumerate(questions):
        one = hashed(shingles(question))
        for other in index.query(one):
            if one.jaccard(hashes[other]) >= JACCARD:
                union.merge(other, row)
        index.insert(row, one)
        hashes.append(one)
    return union.clusters()


def datasketch():
    """MinHash with LSH, candidates checked by their estimated Jaccard similarity."""
    from datasketch import MinHash, MinHashLSH

    def hashed(parts):
        one = MinHash(num_perm=PERMUTATIONS)
        one.update_batch([part.encode() for part in parts])
        return one

    return lambda questions: _linked(questions, MinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS), hashed)


def rensa():
    """R-MinHash with LSH in 16 bands, candidates checked by their estimated Jaccard similarity."""
    from rensa import RMinHash, RMinHashLSH

    def hashed(parts):
        one = RMinHash(num_perm=PERMUTATIONS, seed=1)
        one.update(sorted(parts))
        return one

    def work(questions):
        return _linked(questions, RMinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS, num_bands=16), hashed)

    return work


def recordlinkage():
    """Sorted neighbourhood of nine, then a Jaro-Winkler similarity of at least 0.95."""
    import pandas
    import recordlinkage

    def work(questions):
        union = Union(len(questions))
        table = pandas.DataFrame({"question": [question.lower() for question in questions]})
        pairs = recordlinkage.Index().sortedneighbourhood("question", window=9).index(table)
        compare = recordlinkage.Compare(n_jobs=CORES)
        compare.string("question", "question", method="jarowinkler", threshold=0.95, label="same")
        found = compare.compute(pairs, table)
        for left, right in found.index[found["same"] == 1]:
            union.merge(left, right)
        return union.clusters()

    return work


def datatrove():
    """The MinHash pipeline (signatures, buckets, clusters) with its defaults but for shingles of two words."""
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    def work(questions):
        config, clusters = MinhashConfig(n_grams=2), [-1 - row for row in range(len(questions))]
        documents = [Document(text=question, id=str(row)) for row, question in enumerate(questions)]
        with tempfile.TemporaryDirectory() as folder:

            def run(name, steps, tasks=1):
                LocalPipelineExecutor(steps, tasks=tasks, workers=1, logging_dir=f"{folder}/logs/{name}").run()

            run("1", [documents, MinhashDedupSignature(f"{folder}/signatures", config)])
            buckets = MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config)
            run("2", [buckets], config.num_buckets)
            run("3", [MinhashDedupCluster(f"{folder}/buckets", f"{folder}/remove", config, save_cluster_id=True)])
            for file in Path(folder, "remove").glob("*.clusters"):
                for row, cluster in struct.iter_unpack("<2I", file.read_bytes()):
                    clusters[row] = cluster
        return clusters

    return work


TOOLS = {
    one.__name__: one for one in (faqtune, thefuzz, rapidfuzz, datasketch, rensa, datatrove, recordlinkage)
}  # fmt: skip


def main():
    """Read, cluster, write."""
    name, given, result = sys.argv[1:]
    work = TOOLS[name]()
    questions = json.loads(Path(given).read_text(encoding="utf-8"))
    started = time.perf_counter()
    clusters = work(questions)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    Path(result).write_text(json.dumps({"seconds": seconds, "peak_mb": peak, "clusters": clusters}))


if __name__ == "__main__":
    main()
