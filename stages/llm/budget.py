"""What a run may ask for: `budget` of engine.yaml, in calls and in US dollars; 0 is no limit."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from stages import settings
from stages.llm import cost
from stages.llm.gateway import Model, Request
from stages.llm.replies import Replies
from stages.tuning import models


class Budget:
    """The budget of one run, and what it was spent on.

    Args:
        count: tokens of a text; by default those of the embedded model, which are close to those of others.
    """

    def __init__(self, count: Callable[[str], int] | None = None):
        limits = settings.load().get("budget", {})
        self.max_calls, self.max_cost = int(limits.get("max_calls", 0)), float(limits.get("max_cost", 0))
        self.count = count or counter()
        self.total = cost.Estimate()

    def open(self, requests: Sequence[Request], model: Model, replies: Replies) -> cost.Estimate:
        """Return what a run will ask for, and count it.

        Raises cost.BudgetError if that is more than it may, before anything is asked.
        """
        found = cost.estimate(requests, model, replies, self.count)
        cost.check(self.total + found, self.max_calls, self.max_cost)
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
