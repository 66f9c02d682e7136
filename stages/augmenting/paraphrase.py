"""Questions in a teacher's words: of n wordings the one that the gates keep and that is likeliest to be asked.

A capable teacher writes all n in one reply. The embedded one cannot; its question writer, where it has one, is asked n
times for a question of the parent's kind about the parent's answer.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages.augmenting.children import PARAPHRASE, Draft, child
from stages.llm import forms, gain, gateway, generation, rewording
from stages.llm.budget import Budget
from stages.llm.endpoints import EMBEDDED
from stages.llm.prompts import Prompt
from stages.llm.questions import GAIN, Asker, clean
from stages.llm.replies import Replies
from stages.llm.transform.doubts import doubtful
from stages.quality import wording
from stages.records import Pair, content_id
from stages.tuning import models

TOKENS = 40  # of a question that the question writer writes


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """How paraphrases are asked for and chosen; see `augment` in params.yaml."""

    samples: int
    temperature: float
    written_in: str
    gain_weight: float
    nll_penalty: float
    seed: int


class Teacher:
    """Who is asked for paraphrases, and whose likelihoods choose among them.

    Args:
        model: embedded, or a name that the endpoint knows.
        revision: of it, part of every key.
        endpoint: embedded, or a name in engine.yaml.
        scorer: whose likelihoods rank; see `teacher.scorer` in params.yaml.
        teach: folder of the question writer, which may hold none.
        plan: how it is asked.
        replies: known replies.

    Raises gateway.EndpointError if model and endpoint do not fit.
    """

    def __init__(
        self, model: str, revision: str, endpoint: str, scorer: str, teach: Path, plan: Plan, replies: Replies
    ):
        if (model == models.EMBEDDED) != (endpoint == EMBEDDED):
            raise gateway.EndpointError(
                f"teacher.model is {model} and teacher.endpoint is {endpoint}: set both, the model to the name that "
                "the endpoint knows, or neither (only the embedded endpoint has the embedded model)"
            )
        asker = generation.asker(model, revision, endpoint, teach, [])
        self.writes = asker.teacher.adapter is not None  # it is a question writer
        self.asker = asker if self.writes else Asker(teacher=asker.teacher, prompt=Prompt("paraphrase"))
        self.scorer = generation.scored_by(scorer, asker, teach)
        self.plan, self.replies, self.budget = plan, replies, Budget()

    def ask(self, pairs: Sequence[Pair]) -> tuple[dict[str, list[Pair]], list[tuple[Pair, str]]]:
        """Return the wordings of each pair as its children, and those that changed the question, with the reason.

        Raises gateway.EndpointError if the teacher cannot be reached, cost.BudgetError before anything is asked.
        """
        requests = self._requests(pairs)
        self.budget.open(requests, self.asker.teacher, self.replies)
        said = gateway.ask_or_stop(requests, self.asker.teacher, self.replies, "augment: asking")
        each = len(requests) // len(pairs) if pairs else 1
        found: dict[str, list[Pair]] = {}
        lost: list[tuple[Pair, str]] = []
        for number, pair in enumerate(pairs):
            some = said[number * each : (number + 1) * each]
            kept, dropped = rewording.questions(_as_one(some) if self.writes else some[0], pair, self.plan.samples)
            if self.writes:
                dropped += [(reason, text) for text in kept if (reason := _strays(text, pair))]
                kept = [text for text in kept if not _strays(text, pair)]
            found[pair.id] = [self._child(pair, text) for text in kept]
            for place, (reason, text) in enumerate(dropped):  # a small teacher says one thing twice
                one = self._child(pair, text)
                lost.append((msgspec.structs.replace(one, id=content_id(one.id, place)), reason))
        return found, lost

    def _requests(self, pairs: Sequence[Pair]) -> list[gateway.Request]:
        plan, prompt = self.plan, self.asker.prompt
        if not self.writes:
            return rewording.paraphrases(pairs, plan.samples, prompt, plan.written_in, plan.temperature, plan.seed)
        return [
            gateway.Request(
                messages=prompt.messages(topic=pair.topic, answer=pair.answer, form=forms.of_question(pair.question)),
                temperature=plan.temperature,
                max_tokens=TOKENS,
                seed=plan.seed,
                sample=sample,
            )
            for pair in pairs
            for sample in range(plan.samples)
        ]

    def _child(self, pair: Pair, question: str) -> Pair:
        teacher = self.asker.teacher
        model = "@".join(filter(None, [teacher.name, teacher.revision, teacher.adapter]))
        return child(pair, PARAPHRASE, Draft(question=question), self.asker.prompt.hash, model)


def _as_one(replies: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return replies of a question each as the one reply that a capable teacher gives; all failed: the first."""
    written = [clean(reply["text"]) for reply in replies if "error" not in reply]
    asked = rewording.Questions(questions=[text for text in written if text])
    return {"text": msgspec.json.encode(asked).decode()} if asked.questions else replies[0]


def _strays(question: str, pair: Pair) -> str | None:
    """Return why a question of the writer is none of the parent's kind, or one that rules doubt; None if neither."""
    if wording.is_yes_no(question) or forms.of_question(question) != forms.of_question(pair.question):
        return "other_form"
    return "in_doubt" if doubtful("model", question, pair.answer, pair.topic) else None


def best_first(
    wordings: dict[str, list[Pair]], passes: Callable[[Pair], bool], scorer: gain.Scorer, plan: Plan, replies: Replies
) -> dict[str, list[Pair]]:
    """Return each parent's wordings by rank, behind them those that do not pass, for which nothing is scored.

    The rank is that of `generate` without its offset: what information gain the question has for the answer, less what
    it is unlikely to be asked. A wording that is the only one to pass needs no score, and no model is loaded for it.
    """
    good = {parent: [one for one in some if passes(one)] for parent, some in wordings.items()}
    rivals = [one for some in good.values() if len(some) > 1 for one in some]
    scores = gain.score([(one.topic, one.answer, one.question) for one in rivals], scorer, replies) if rivals else []
    rank = {
        one.id: plan.gain_weight * min(score.gain or 0.0, GAIN) - plan.nll_penalty * score.question_nll
        for one, score in zip(rivals, scores, strict=True)
    }
    return {
        parent: sorted(some, key=lambda one: (one not in good[parent], -rank.get(one.id, 0.0), one.question))
        for parent, some in wordings.items()
    }
