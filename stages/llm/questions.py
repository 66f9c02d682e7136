"""Answer first: many questions for one fact, of which the most telling are kept.

The answer is the fact's own sentence, so that it is grounded by construction; a model, and rules where the sentence
allows one, only phrase questions. They pass cheap gates, are scored (see `gain`) and ranked together.
"""

import re
from collections.abc import Iterable, Sequence

import msgspec

from stages.llm import gain, gateway, rules
from stages.llm.prompts import Example, Prompt
from stages.llm.replies import Replies
from stages.quality import grounding, wording
from stages.quality.similarity import same
from stages.quality.tokens import content_tokens
from stages.records import Fact

_LABEL = re.compile(r"^\s*(?:question|q)\s*\d*\s*[:.)]\s*", re.IGNORECASE)


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """How questions are made and chosen; see params.yaml."""

    samples: int
    rules: bool
    keep: int
    temperature: float
    top_p: float
    max_tokens: int
    max_gives_away: float
    max_drift: float
    nll_penalty: float
    rule_bonus: float
    max_alike: float
    seed: int


class Candidate(msgspec.Struct, kw_only=True):
    """One question for one fact; `reason` says why it was dropped, None while it is in the running."""

    fact: Fact
    question: str
    sample: int
    form: str = "model"  # or the rule that made it
    reason: str | None = None
    value: float | str | None = None
    score: gain.Score | None = None

    def rank(self, plan: Plan) -> float:
        """Return what candidates are ordered by: telling, and something a person would ask.

        A question made by rule keeps the sense of its sentence, which a small model often leaves: it gets a bonus.
        """
        if self.score is None:
            return float("-inf")
        bonus = 0.0 if self.form == "model" else plan.rule_bonus
        return (self.score.gain or 0.0) - plan.nll_penalty * self.score.question_nll + bonus

    def scores(self, plan: Plan) -> dict[str, float]:
        """Return the scores as a pair keeps them."""
        if self.score is None:
            return {}
        scores = {"question_nll": self.score.question_nll, "rank": round(self.rank(plan), 3)}
        return scores if self.score.gain is None else {"gain": self.score.gain, **scores}


def propose(
    facts: Sequence[Fact], prompt: Prompt, examples: Sequence[Example], teacher: gateway.Model, plan: Plan,
    replies: Replies,
) -> list[Candidate]:  # fmt: skip
    """Return the teacher's and the rules' questions for each fact; a failed call is a candidate with its reason.

    Raises gateway.EndpointError if the teacher cannot be reached at all.
    """
    requests = [
        gateway.Request(
            messages=prompt.messages(examples, topic=fact.topic, answer=fact.quote),
            temperature=plan.temperature,
            top_p=plan.top_p,
            max_tokens=plan.max_tokens,
            seed=plan.seed,
            sample=sample,
        )
        for fact in facts
        for sample in range(plan.samples)
    ]
    answers = iter(gateway.ask(requests, teacher, replies, "generate: asking"))
    candidates = []
    for fact in facts:
        for sample in range(plan.samples):
            reply = next(answers)
            candidate = Candidate(fact=fact, question=clean(reply.get("text", "")), sample=sample)
            if "error" in reply:
                candidate.reason, candidate.value = "no_reply", reply["error"]
            candidates.append(candidate)
        made = rules.made_by_rule(fact.quote) if plan.rules else []
        for number, (form, question) in enumerate(made, plan.samples):
            candidates.append(Candidate(fact=fact, question=question, sample=number, form=form))
    return candidates


def select(candidates: Sequence[Candidate], scorer: str, plan: Plan, replies: Replies) -> None:
    """Judge, score and rank the candidates; all but the best of each fact get the reason why they are dropped."""
    judge_form(candidates, plan)
    running = [c for c in candidates if not c.reason]
    wanted = [(c.fact.topic, c.fact.quote, c.question) for c in running]
    for candidate, found in zip(running, gain.score(wanted, scorer, replies), strict=True):
        candidate.score = found
        if found.gain is None:
            candidate.reason = "gives_away"
    by_fact: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_fact.setdefault(candidate.fact.id, []).append(candidate)
    for group in by_fact.values():
        choose(group, plan)


def clean(text: str) -> str:
    """Return a reply's first line without label and quotes; a small model adds both."""
    line = next((line for line in text.strip().splitlines() if line.strip()), "")
    return " ".join(_LABEL.sub("", line).strip().strip("\"'“”*").split())


def judge_form(candidates: Iterable[Candidate], plan: Plan) -> None:
    """Give each candidate that no answer could save its reason: the cheap gates, before anything is scored."""
    seen: dict[str, list[str]] = {}
    for candidate in candidates:
        if candidate.reason:
            continue
        question, fact = candidate.question, candidate.fact
        earlier = seen.setdefault(fact.id, [])
        if not wording.is_question(question):
            candidate.reason = "not_a_question"
        elif any(same(question, other) for other in earlier):
            candidate.reason = "same_again"
        elif found := wording.dangling(question):
            candidate.reason, candidate.value = "dangling", found[0]
        elif found := grounding.foreign(question, f"{fact.topic} {fact.quote}"):
            candidate.reason, candidate.value = "foreign_name", found[0]
        elif (share := wording.gives_away(question, fact.quote, fact.topic)) > plan.max_gives_away:
            candidate.reason, candidate.value = "gives_away", round(share, 3)
        elif candidate.form == "model" and wording.is_yes_no(question):
            candidate.reason = "yes_no"  # the answer is a statement, and a small model's doubt is its own
        elif (share := wording.drift(question, f"{fact.topic} {fact.quote}")) > plan.max_drift:
            candidate.reason, candidate.value = "drifts", round(share, 3)
        if candidate.reason != "not_a_question":
            earlier.append(question)


def choose(candidates: Sequence[Candidate], plan: Plan) -> None:
    """Keep the best candidates of one fact; the others get the reason `outranked` or `too_alike`.

    The order is that of `rank`; one whose words overlap with a kept one's by more than `max_alike` (Jaccard) is passed.
    """
    kept: list[set[str]] = []
    running = [c for c in candidates if not c.reason]
    for candidate in sorted(running, key=lambda c: (-c.rank(plan), c.question)):
        words = set(content_tokens(candidate.question)) | {candidate.question.split()[0].casefold()}
        closest = max((len(words & other) / len(words | other) for other in kept), default=0.0)
        if len(kept) >= plan.keep:
            candidate.reason, candidate.value = "outranked", round(candidate.rank(plan), 3)
        elif closest > plan.max_alike:
            candidate.reason, candidate.value = "too_alike", round(closest, 3)
        else:
            kept.append(words)
