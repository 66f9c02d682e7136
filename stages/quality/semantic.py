"""What asks the same in other words: neighbours of a question in the space of a sentence encoder.

A question is the mean of its tokens' vectors, of length one (Reimers and Gurevych 2019, Sentence-BERT). An encoder
takes "7B" for "13B" and "with" for "without" more readily than a paraphrase for its original: what it finds is for a
person to look at, and no reason to drop anything.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stages.tuning.models import EMBEDDED, ModelError, quiet
from stages.tuning.weights import use_threads

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH = 64  # texts encoded at once
ROWS = 1024  # texts compared with all others at once
LONGEST = 512  # tokens of a text that are read
DIGITS = 4  # of a cosine; what is beyond depends on the machine

Vectors = npt.NDArray[np.float32]


class Encoder:
    """A sentence encoder: mean pooling over the tokens of a text, in float32."""

    def __init__(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase"):
        self.model, self.tokenizer = model.eval(), tokenizer
        places = getattr(model.config, "max_position_embeddings", LONGEST)
        self.longest = min(LONGEST, places, tokenizer.model_max_length)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length one for each text, (texts, width). Their order changes nothing."""
        import torch

        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        made: dict[str, Vectors] = {}
        for start in range(0, len(distinct), BATCH):
            some = distinct[start : start + BATCH]
            batch = self.tokenizer(
                some, padding=True, truncation=True, max_length=self.longest, return_tensors="pt"
            ).to(self.model.device)  # fmt: skip
            with torch.inference_mode():
                hidden = self.model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
            vectors = torch.nn.functional.normalize(mean, dim=1).float().cpu().numpy()
            made.update(zip(some, vectors, strict=True))
        width = self.model.config.hidden_size
        return np.stack([made[text] for text in texts]) if texts else np.zeros((0, width), np.float32)


def load(name: str, revision: str = "main") -> Encoder:
    """Return a sentence encoder, on the GPU where there is one.

    Args:
        name: a folder in transformers format, or a hub id such as sentence-transformers/all-MiniLM-L6-v2.
        revision: of a hub id.

    Raises ModelError if there is no such model.
    """
    folder = Path(name)
    if name == EMBEDDED or folder.is_dir() and not (folder / "config.json").exists():
        raise ModelError(
            f"the sentence encoder {name!r}: expected a hub id or a folder in transformers format, with a config.json"
        )
    import torch
    from transformers import AutoModel, AutoTokenizer

    use_threads()
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
            model = AutoModel.from_pretrained(name, revision=revision, dtype=torch.float32)
    except (OSError, ValueError) as error:
        said = str(error).strip().splitlines() or [""]
        raise ModelError(
            f"the sentence encoder {name!r} at revision {revision} cannot be loaded: {said[0]} Expected a folder in "
            "transformers format, or a hub id that can be fetched"
        ) from error
    return Encoder(model.to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer)


def neighbours(
    left: Sequence[str], right: Sequence[str] | None, encoder: Encoder, min_cosine: float
) -> list[tuple[int, int, float]]:
    """Return (left, right, cosine) of the texts that lie so near to each other, sorted by place.

    Args:
        left: texts.
        right: others, or None for the left ones among themselves, each two once (left < right).
        encoder: see `load`.
        min_cosine: least cosine, -1 to 1, of the one that is returned, which is rounded.
    """
    ours = encoder.encode(left)
    theirs = ours if right is None else encoder.encode(right)
    found = []
    for start in range(0, len(ours), ROWS):
        cosines = np.round(ours[start : start + ROWS].astype(np.float64) @ theirs.T.astype(np.float64), DIGITS)
        rows, columns = np.nonzero(cosines >= min_cosine)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if right is not None or column > start + row:
                found.append((start + row, column, float(cosines[row, column])))
    return found
