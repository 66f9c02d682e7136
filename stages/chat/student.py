"""The student in memory: loaded once, with one adapter at a time, saying one token after the other."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from stages.scoring.systems import Student
from stages.tuning import models


class Speaker:
    """The student with an adapter, or without. Torch and the weights are loaded when it is first prepared.

    Args:
        student: the untuned model.
    """

    def __init__(self, student: Student):
        self.student = student
        self.tokenizer: Any = None
        self._untuned: Any = None
        self._model: Any = None  # with the adapter
        self._adapter: Path | None = None
        self._ends: frozenset[int] = frozenset()
        self._undo = ExitStack()

    def ready(self, adapter: Path | None) -> bool:
        """Say whether it has this adapter, so that preparing takes no time."""
        return self._model is not None and adapter == self._adapter

    def prepare(self, adapter: Path | None) -> None:
        """Load the weights if they are not yet, and take this adapter in place of another; None: none.

        Raises ModelError if model or adapter cannot be loaded; the next call begins anew then.
        """
        if self.ready(adapter):
            return
        try:
            self._model = None
            self._undo.close()
            self._load()
            self._model, self._adapter = self._with(adapter) if adapter else self._untuned, adapter
        except BaseException:  # an adapter that does not fit may have been put in by half
            self._untuned = None
            self._undo = ExitStack()
            raise

    def _load(self) -> None:
        from stages.scoring import decoding
        from stages.tuning import weights

        if self._untuned is None:
            one = self.student
            self.tokenizer = models.load_tokenizer(one.name, one.revision)
            self._untuned = weights.load(one.name, one.revision, one.dtype, one.quantization)
            self._ends = frozenset(decoding.stops(self._untuned, self.tokenizer))

    def _with(self, adapter: Path) -> Any:
        from stages.tuning import weights

        one = self.student
        base, exact = models.fingerprint(one.name, one.revision), models.resolved(one.name, one.revision)
        merged = one.quantization == "none"
        return self._undo.enter_context(weights.tuned(self._untuned, adapter, merged=merged, base=base, revision=exact))

    @property
    def context(self) -> int | None:
        """How many tokens the model can hold, prompt and answer; None if it does not say."""
        return getattr(self._untuned.config.get_text_config(), "max_position_embeddings", None)

    def says(self, prompt: Sequence[int], most: int) -> Iterator[int]:
        """Yield the most likely tokens after a prompt one by one, at most so many, but not the one that ends it.

        Who stops reading stops the model. Each token may be asked for by another thread.
        """
        import torch

        from stages.scoring import growing, likelihood

        model = self._model
        cache, head = growing.cache(model.config), model.get_output_embeddings()
        kept = {likelihood.cache_argument(model): cache}
        new = list(prompt)
        for _ in range(most):
            with torch.inference_mode():  # a thread's own, so that it may not last until the next token is asked for
                ids = torch.tensor([new], dtype=torch.long, device=model.device)
                last = model.base_model(input_ids=ids, use_cache=True, **kept).last_hidden_state[:, -1]
                token = int(head(last).argmax(-1))
            if token in self._ends:
                return
            yield token
            new = [token]

    def text(self, tokens: Sequence[int]) -> str:
        """Return what tokens say, as the evaluation reads an answer."""
        return str(self.tokenizer.decode(list(tokens), skip_special_tokens=True)).strip()
