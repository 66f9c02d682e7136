"""From facts to pairs, one function a strategy: answer first, question first, two facts in one question."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages.documents.subjects import Places
from stages.llm import contrasts, cost, coverage, forms, gain, gateway, questions, writer
from stages.llm import multi_hop as hops
from stages.llm import question_first as asking_first
from stages.llm.budget import Budget
from stages.llm.endpoints import EMBEDDED
from stages.llm.prompts import Example, Prompt
from stages.llm.questions import Asker, Candidate, Plan
from stages.llm.replies import Replies
from stages.quality import linking
from stages.records import Chunk, Fact, Pair, content_id, evidence
from stages.tuning import models

HOP_TOKENS = 400  # of a question on two facts with its answer


def asker(
    model: str, revision: str, endpoint: str, teach: Path, examples: list[Example], strategy: str = "answer_first"
) -> Asker:
    """Return who is asked: the embedded model with its question writer if `teach` has one, else with the examples."""
    prompt = Prompt("question_first") if strategy == "question_first" else Prompt("answer_first")
    fingerprint = models.fingerprint(model) if model == models.EMBEDDED else revision
    taught = writer.known(teach) if endpoint == EMBEDDED and strategy == "answer_first" else None
    if taught is None:
        return Asker(teacher=gateway.Model(name=model, revision=fingerprint, endpoint=endpoint), prompt=prompt,
                     examples=examples)  # fmt: skip
    teacher = gateway.Model(
        name=model, revision=fingerprint, endpoint=endpoint, adapter=models.file_digest(taught), adapter_file=taught
    )
    return Asker(teacher=teacher, prompt=prompt)


def scored_by(model: str, who: Asker, teach: Path) -> gain.Scorer:
    """Return whose likelihoods rank: the scorer's, and the question writer's on it, whoever is the teacher.

    Raises gateway.EndpointError for the embedded teacher as a scorer, whose server gives no likelihoods.
    """
    if model == gain.TEACHER:
        if who.teacher.endpoint == EMBEDDED:
            raise gateway.EndpointError("teacher.scorer is teacher, which is embedded: set it to embedded")
        return gain.Scorer(model=model, teacher=who.teacher)
    file = writer.known(teach) if model == models.EMBEDDED else None
    if file is None:
        return gain.Scorer(model=model)
    prompt = Prompt("answer_first")

    def phrase(topic: str, answer: str, question: str) -> list[dict[str, str]]:
        messages = prompt.messages(topic=topic, answer=answer, form=forms.of_question(question))
        return [{"role": role, "content": content} for role, content in messages]

    return gain.Scorer(model=model, writer=file.parent, digest=models.file_digest(file), plausible=phrase)


class Drop(msgspec.Struct, kw_only=True):
    """A question that is not kept, with the reason."""

    id: str
    reason: str
    value: float | str | None
    about: Any  # what is known of it


class Made(msgspec.Struct, kw_only=True):
    """What a run made: pairs, what it dropped, and of how many good questions each fact's candidates came to what."""

    pairs: list[Pair]
    dropped: list[Drop]
    why: dict[str, str] = {}  # fact without a good question: what became of most of what was asked for it

    def __add__(self, other: "Made") -> "Made":
        return Made(pairs=self.pairs + other.pairs, dropped=self.dropped + other.dropped, why=self.why | other.why)

    def missed(self, facts: Sequence[Fact]) -> dict[str, str]:
        """Return the facts without a good question, by id, each with the reason."""
        covered = {identity for pair in self.pairs for identity in pair.facts}
        return {
            fact.id: self.why.get(fact.id, "not_asked")
            for fact in facts
            if fact.id in self.why or fact.id not in covered
        }


class Run:
    """One run of the stage: who is asked, how, and what it may cost.

    Args:
        teach: folder of the question writer, which may hold none.
        examples: worked examples for the prompts.
        knobs: the options of `stages.generate` by name.
        replies: known replies.

    Raises gateway.EndpointError if teacher and endpoint do not fit, cost.BudgetError if a limit is none.
    """

    def __init__(self, teach: Path, examples: list[Example], knobs: dict[str, Any], replies: Replies):
        self.strategy, self.language, self.endpoint = knobs["strategy"], knobs["language"], knobs["endpoint"]
        self.ask = knobs["ask"]
        if (knobs["model"] == models.EMBEDDED) != (self.endpoint == EMBEDDED):
            raise gateway.EndpointError(
                f"teacher.model is {knobs['model']} and teacher.endpoint is {self.endpoint}: set both, the model to "
                "the name that the endpoint knows, or neither (only the embedded endpoint has the embedded model)"
            )
        if self.endpoint == EMBEDDED:
            knobs = knobs | {"teacher_bonus": 0.0}  # too small to be trusted
        self.plan, self.quota = msgspec.convert(knobs, Plan), msgspec.convert(knobs, coverage.Quota)
        self.first = asking_first.Plan(
            pairs_per_fact=self.plan.keep, language=self.language, temperature=self.plan.temperature,
            top_p=self.plan.top_p, seed=self.plan.seed,
        )  # fmt: skip
        self.who = asker(knobs["model"], knobs["revision"], self.endpoint, teach, examples, self.strategy)
        self.scorer = scored_by(knobs["scorer"], self.who, teach)
        self.replies, self.budget = replies, Budget()
        self.places = Places()

    def open(self, chunks: Sequence[Chunk], facts: Sequence[Fact], multi_hop: int = 0) -> cost.Estimate:
        """Return what the first round and at most `multi_hop` pairs will ask for, exactly for what is not known.

        Raises cost.BudgetError if that is more than the budget; nothing was asked then.
        """
        if self.strategy == "question_first":
            requests = asking_first.requests(asking_first.tasks(chunks, facts, self.first), self.first, self.who.prompt)
        else:
            made, wanted = self._by_rule(facts)
            asked = questions.requests(wanted, self.who, self.plan)
            requests = [request for _, _, request in asked] + self._scoring(made, asked)
        if multi_hop and self.endpoint != EMBEDDED:
            left = multi_hop - len(contrasts.made_by_rule(facts, multi_hop)[0])
            requests += self._on_joins(self._joins(facts, left))
        return self.budget.open(requests, self.who.teacher, self.replies)

    def pairs(self, chunks: Sequence[Chunk], facts: Sequence[Fact]) -> Made:
        """Return the pairs on single facts, or those of whole chunks, by the strategy."""
        if self.strategy == "question_first":
            return self._question_first(chunks, facts)
        self.places = Places(chunks)
        candidates = self._answer_first(facts)
        kept = [pair(one, self.who, self.plan) for one in candidates if not one.reason]
        dropped = [
            Drop(id=content_id(one.fact.id, one.sample), reason=one.reason, value=one.value,
                 about={"question": one.question, "fact": one.fact.id})
            for one in candidates if one.reason
        ]  # fmt: skip
        return Made(pairs=kept, dropped=dropped, why=coverage.uncovered(facts, candidates, self.plan, self.quota))

    def _by_rule(self, facts: Sequence[Fact]) -> tuple[list[Candidate], Sequence[Fact]]:
        """Return the questions made by rule that pass the cheap gates, and the facts that the teacher is asked about.

        These are all facts, or those which the rules leave below their quota, or a concept of theirs.
        """
        made = questions.by_rule(facts, self.plan)
        questions.judge_form(made, self.plan)
        if self.ask == "all":
            return made, facts
        questions.select(made, self.plan)
        return made, coverage.short(facts, made, self.plan, self.quota)

    def _scoring(
        self, made: Sequence[Candidate], asked: Sequence[tuple[Fact, str, gateway.Request]]
    ) -> list[gateway.Request]:
        """Return what a teacher that scores will be asked for that: exactly for questions that are there.

        For a question that is still to be asked for, its statement stands in, which is as long or longer.
        """
        if self.scorer.teacher is None:
            return []
        wanted = [(one.fact.topic, one.fact.says, one.question) for one in made if not one.reason]
        wanted += [(f.topic, f.says, f"{f.says} {form} {number}") for number, (f, form, _) in enumerate(asked)]
        answers, phrased = gain.tasks(wanted, self.scorer)
        return gain.requests(answers + phrased)

    def _answer_first(self, facts: Sequence[Fact]) -> list[Candidate]:
        """Return all candidates of all facts, the kept ones without a reason.

        Facts and concepts below their quota are asked for again, as often as the quota says and the budget lasts.
        """
        candidates, wanted = self._by_rule(facts)
        candidates = questions.propose(wanted, self.who, self.plan, self.replies) + candidates
        for again in range(1, self.quota.top_up + 2):
            questions.measure(candidates, self.scorer, self.plan, self.replies, self.places)
            questions.select(candidates, self.plan)
            wanted = coverage.short(facts, candidates, self.plan, self.quota)
            if again > self.quota.top_up or not wanted:
                break
            asked = questions.requests(wanted, self.who, self.plan, again)
            needed = [request for _, _, request in asked] + self._scoring([], asked)
            if not self.budget.lasts(needed, self.who.teacher, self.replies):
                break
            candidates += questions.propose(wanted, self.who, self.plan, self.replies, again)
        return candidates

    def _question_first(self, chunks: Sequence[Chunk], facts: Sequence[Fact]) -> Made:
        """Return what the teacher wrote about each chunk; what a first reply lacks is asked for once more."""
        kept: dict[str, Pair] = {}
        dropped: list[Drop] = []
        why: dict[str, Counter[str]] = defaultdict(Counter)  # by chunk
        tasks = asking_first.tasks(chunks, facts, self.first)
        while tasks:
            requests = asking_first.requests(tasks, self.first, self.who.prompt)
            if tasks[0].second and not self.budget.lasts(requests, self.who.teacher, self.replies):
                break
            further = []
            for task, reply in zip(tasks, self._ask(requests), strict=True):
                found, lost = asking_first.pairs(reply, task, self.first, self.who.prompt.hash, self._name)
                kept |= {one.id: one for one in found}
                why[task.chunk.id].update([one.reason for one in lost] or ["no_pair"])
                dropped += [
                    Drop(id=content_id(task.chunk.id, task.second, number), reason=one.reason, value=one.value,
                         about={"chunk": task.chunk.id, "pair": one.pair, "raw": one.raw})
                    for number, one in enumerate(lost)
                ]  # fmt: skip
                if again := asking_first.again(task, found):
                    further.append(again)
            tasks = further
        covered = {identity for pair in kept.values() for identity in pair.facts}
        missed = [fact for fact in facts if fact.id not in covered and fact.chunk in why]
        return Made(pairs=list(kept.values()), dropped=dropped,
                    why={fact.id: why[fact.chunk].most_common(1)[0][0] for fact in missed})  # fmt: skip

    def multi_hop(self, facts: Sequence[Fact], most: int) -> Made:
        """Return at most `most` pairs on two facts, by rule and, of a capable teacher, by asking for the rest."""
        made, failed = contrasts.made_by_rule(facts, most) if most else ([], [])
        kept = {one.id: one for one in (hops.pair(written, join, None, None) for join, written in made)}
        dropped = [
            Drop(id=content_id("multi_hop", one.question), reason=why, value=None, about=one.question)
            for one, why in failed
        ]
        known = {frozenset((join.first.id, join.second.id)) for join, _ in made}
        joins = [join for join in self._joins(facts, most - len(made))
                 if frozenset((join.first.id, join.second.id)) not in known]  # fmt: skip
        replies = self._ask(self._on_joins(joins)) if joins else []
        for join, reply in zip(joins, replies, strict=True):
            written, reason, value = hops.read(reply, join)
            if written:
                one = hops.pair(written, join, Prompt("multi_hop").hash, self._name)
                kept[one.id] = one
            else:
                both = [join.first.id, join.second.id]
                dropped.append(Drop(id=content_id(*both), reason=reason or "empty", value=value, about=both))
        return Made(pairs=list(kept.values()), dropped=dropped)

    def _ask(self, requests: Sequence[gateway.Request]) -> list[dict[str, Any]]:
        return gateway.ask_or_stop(requests, self.who.teacher, self.replies, "generate: asking")

    def _joins(self, facts: Sequence[Fact], most: int) -> list[hops.Join]:
        """Return which facts a capable teacher is asked about together."""
        return hops.joins(facts, most) if self.endpoint != EMBEDDED and most > 0 else []

    def _on_joins(self, joins: Sequence[hops.Join]) -> list[gateway.Request]:
        return hops.requests(
            joins, Prompt("multi_hop"), self.language, self.plan.temperature, HOP_TOKENS, self.plan.seed
        )

    @property
    def _name(self) -> str:
        return "@".join([self.who.teacher.name, self.who.teacher.revision])


def pair(candidate: Candidate, who: Asker, plan: Plan) -> Pair:
    """Return a kept candidate as a pair: the fact is its answer."""
    fact = candidate.fact
    by_model = candidate.form == "model"
    teacher = who.teacher
    return Pair(
        id=content_id(candidate.question, fact.says, fact.id),
        question=candidate.question,
        answer=fact.says,
        facts=[fact.id],
        evidence=evidence([fact]),
        source=fact.source,
        topic=fact.topic,
        concepts=fact.concepts,
        origin="generated",
        form=candidate.form,
        prompt=who.prompt.hash if by_model else None,
        model="@".join(filter(None, [teacher.name, teacher.revision, teacher.adapter])) if by_model else None,
        scores=candidate.scores(plan),
    )


def linked(pairs: Iterable[Pair], facts: Iterable[Fact], chunks: Iterable[Chunk]) -> list[Pair]:
    """Return the pairs, those without a link with the best one of the chunks that they stand on."""
    held, of = {one.id: one for one in chunks}, {fact.id: fact.chunk for fact in facts}
    found = []
    for one in pairs:
        if one.link is None:
            some = [held[of[fact]] for fact in one.facts]
            page = next((chunk.url for chunk in some if chunk.url), None)
            link = linking.best(one, [link for chunk in some for link in chunk.links], page)
            one = msgspec.structs.replace(one, link=link)
        found.append(one)
    return found


def given(fact: Fact) -> Pair:
    """Return an item of a FAQ as the pair that it is: nothing is asked for it."""
    return Pair(
        id=content_id(fact.question, fact.quote, fact.id),
        question=fact.question or "",
        answer=fact.quote,
        facts=[fact.id],
        evidence=evidence([fact]),
        source=fact.source,
        topic=fact.topic,
        concepts=fact.concepts,
        origin="seed",
    )
