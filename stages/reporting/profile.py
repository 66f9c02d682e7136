"""What is in the training pairs, and how much of it stands in the evaluation items, for the page."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from stages import disk
from stages.exploring import dataset, overlap, values
from stages.exploring.dataset import DatasetError
from stages.exploring.overlap import Overlap
from stages.exploring.profile import Profile
from stages.exploring.profile import profile as of
from stages.exploring.values import Values
from stages.records import Item
from stages.reporting import plots
from stages.reporting.gather import GatherError, load, needed
from stages.reporting.plots import Spec

FIELDS = ("question", "answer")
MOST = 12  # n-grams, values and duplicates of a table
TRAINED = "trained"  # the set of items that are training questions, on purpose


@dataclass(frozen=True)
class Profiled:
    """The profile of the pairs for training, and the overlap of their questions with those of the evaluation."""

    pairs: Profile
    licences: Values
    leaks: Overlap


def profile(data: Path) -> Profiled:
    """Return what is in data/augment/pairs.jsonl. Raises GatherError if it, or the items, cannot be read."""
    file = needed(data / "augment" / "pairs.jsonl", "augment")
    documents = needed(data / "refine" / "documents.jsonl", "refine")
    items = [one for one in load(data, "evaluate", "items.jsonl", Item) if one.set != TRAINED]
    try:
        with tempfile.TemporaryDirectory() as folder:
            asked = Path(folder) / "items.jsonl"
            disk.write(asked, items)
            with dataset.opened([file]) as ours, dataset.opened([asked]) as theirs:
                return Profiled(
                    pairs=of(ours, FIELDS, MOST),
                    licences=values.licences(ours, str(documents), MOST),
                    leaks=overlap.overlap(ours, theirs, FIELDS[0], FIELDS[0]),
                )
    except DatasetError as error:
        raise GatherError(f"the data profile: {error}") from error


def plots_of(found: Profiled) -> dict[str, Spec]:
    """Return the histograms of the lengths in words, by field."""
    return {
        f"words of {one.field}": plots.histogram(f"Words of {one.field}", one.bins, "words")
        for one in found.pairs.lengths
        if one.unit == "words"
    }
