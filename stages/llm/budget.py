"""What a run may ask for: `budget` of engine.yaml, in calls and in US dollars; 0 is no limit."""

from collections.abc import Callable, Sequence
from typing import Any

import click
import msgspec

from stages import settings
from stages.llm import cost
from stages.llm.gateway import Model, Request
from stages.llm.replies import Replies
from stages.tuning import models


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """`budget` of engine.yaml."""

    max_calls: int = 0
    max_cost: float = 0.0  # US dollars


class Budget:
    """The budget of one run, and what it was spent on.

    Args:
        count: tokens of a text; by default those of the embedded model; other tokenizers count somewhat otherwise.

    Raises cost.BudgetError if engine.yaml sets a limit that is none.
    """

    def __init__(self, count: Callable[[str], int] | None = None):
        try:
            self.limits = msgspec.convert(settings.load().get("budget") or {}, Limits)
        except msgspec.ValidationError as error:
            raise cost.BudgetError(f"budget in engine.yaml or FAQTUNE_BUDGET__...: {error}; "
                                   f"expected {', '.join(Limits.__struct_fields__)}") from error  # fmt: skip
        self.count = count or counter()
        self.total = cost.Estimate()

    def open(self, requests: Sequence[Request], model: Model, replies: Replies) -> cost.Estimate:
        """Return what a run will ask for, and count it.

        Raises cost.BudgetError if that is more than it may, before anything is asked.
        """
        found = cost.estimate(requests, model, replies, self.count)
        cost.check(self.total + found, self.limits.max_calls, self.limits.max_cost)
        self.total += found
        return found

    def lasts(self, requests: Sequence[Request], model: Model, replies: Replies) -> bool:
        """Tell whether further requests are within the budget, and count them if so."""
        try:
            self.open(requests, model, replies)
        except cost.BudgetError as error:
            click.echo(f"not asked again: {error}", err=True)
            return False
        return True


def counter() -> Callable[[str], int]:
    """Return what counts tokens by the embedded model's tokenizer, which is loaded when the first text is counted."""
    loaded: list[Any] = []

    def count(text: str) -> int:
        if not loaded:
            from tokenizers import Tokenizer  # slow to import

            loaded.append(Tokenizer.from_file(str(models.tokenizer_file(models.EMBEDDED))))
        return len(loaded[0].encode(text, add_special_tokens=False).ids)

    return count
