"""Answer first: many questions for one fact, of which the most telling are kept.

The answer is the fact's own sentence, so that it is grounded by construction; a model, and rules where the sentence
allows one, only phrase questions. They pass cheap gates, are scored (see `gain`) and ranked together.
"""

import re
from collections.abc import Iterable, Sequence

import msgspec

from stages.documents.subjects import Places
from stages.llm import forms, gain, gateway, rules, shots
from stages.llm.prompts import Example, Prompt, spread
from stages.llm.replies import Replies
from stages.llm.transform import rows
from stages.llm.transform.doubts import doubtful
from stages.quality import grounding, mentions, pointing, repair, wording
from stages.quality.similarity import same
from stages.quality.tokens import content_tokens, stems
from stages.records import Fact

GAIN = 2.0  # nats a token above which more information gain says no more
HOTTER = 0.2  # added to the temperature each time a fact is asked for again
ASKS = ("why", "when", "where", "who", "how_many")  # for something of a kind that the fact may lack
RULES = 100  # more questions than rules make of a fact: what numbers the samples of another round
_PROGRESSIVE = re.compile(r"What is (?:[A-Z][\w-]* )+\w+ing\b")  # "What is Redis reading from the disk?"
_LABEL = re.compile(r"^\s*(?:question|q)\s*\d*\s*[:.)]\s*", re.IGNORECASE)


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """How questions are made and chosen; see params.yaml."""

    samples: int
    shots: int
    shots_by: str
    rules: bool
    keep: int
    temperature: float
    top_p: float
    max_tokens: int
    max_gives_away: float
    max_drift: float
    rank_offset: float
    gain_weight: float
    nll_penalty: float
    rule_bonus: float
    teacher_bonus: float
    diversity: float
    max_alike: float
    seed: int


class Asker(msgspec.Struct, kw_only=True, frozen=True):
    """Who is asked and how: the teacher, the template, and worked examples, of which a taught writer needs none."""

    teacher: gateway.Model
    prompt: Prompt
    examples: list[Example] = []

    def shots(self, fact: Fact, form: str, plan: Plan, again: int) -> list[Example]:
        """Return the worked examples of one request; asked again, it gets others."""
        if not self.examples or not plan.shots:
            return []
        if plan.shots_by == "near":
            return shots.choose(self.examples, fact.topic, fact.says, form, plan.shots * (again + 1))[-plan.shots :]
        return spread(self.examples, plan.shots * (again + 1))[-plan.shots :]


class Candidate(msgspec.Struct, kw_only=True):
    """One question for one fact; `reason` says why it was dropped, None while it is in the running."""

    fact: Fact
    question: str
    sample: int
    form: str = "model"  # or the rule that made it
    asked: str = ""  # the form that the model was asked for
    reason: str | None = None
    value: float | str | None = None
    score: gain.Score | None = None
    judged: bool = False

    def rank(self, plan: Plan) -> float:
        """Return what candidates are ordered by: the log-odds that question and answer are a valid pair.

        A logistic regression on the information gain and the nll of the question, with a bonus for questions made by
        rule and by a capable teacher, which keep the sense of their sentence where a small model often leaves it. Its
        weights were fitted on labelled questions (benchmarks/rank.py).
        """
        if self.score is None:
            return float("-inf")
        bonus = plan.teacher_bonus if self.form == "model" else plan.rule_bonus
        gain = min(self.score.gain or 0.0, GAIN)
        return plan.rank_offset + plan.gain_weight * gain - plan.nll_penalty * self.score.question_nll + bonus

    def scores(self, plan: Plan) -> dict[str, float]:
        """Return the scores as a pair keeps them."""
        if self.score is None:
            return {}
        scores = {"question_nll": self.score.question_nll, "rank": round(self.rank(plan), 3)}
        return scores if self.score.gain is None else {"gain": self.score.gain, **scores}


def requests(
    facts: Sequence[Fact], asker: Asker, plan: Plan, again: int = 0
) -> list[tuple[Fact, str, gateway.Request]]:
    """Return (fact, form, request) for each sample of each fact.

    The samples go over the forms that a statement can answer, in turn. Asked `again` (the how-manieth time), a fact
    gets further samples, hotter and after other examples.
    """
    made = []
    for fact in facts:
        open_forms = forms.of_statement(fact.says, plan.samples)
        for number in range(plan.samples):
            form = open_forms[(number + again) % len(open_forms)]
            messages = asker.prompt.messages(
                asker.shots(fact, form, plan, again), topic=fact.topic, answer=fact.says, form=form
            )
            request = gateway.Request(
                messages=messages,
                temperature=round(min(plan.temperature + HOTTER * again, 2.0), 3),
                top_p=plan.top_p,
                max_tokens=plan.max_tokens,
                seed=plan.seed,
                sample=number // len(open_forms) + plan.samples * again,
            )
            made.append((fact, form, request))
    return made


def propose(facts: Sequence[Fact], asker: Asker, plan: Plan, replies: Replies, again: int = 0) -> list[Candidate]:
    """Return the teacher's questions for each fact; a failed call is a candidate with its reason.

    Raises gateway.EndpointError if the teacher cannot be reached at all.
    """
    asked = requests(facts, asker, plan, again)
    said = gateway.ask_or_stop([request for _, _, request in asked], asker.teacher, replies, "generate: asking")
    candidates = []
    for place, ((fact, form, _), reply) in enumerate(zip(asked, said, strict=True)):
        number = place % plan.samples + (plan.samples + RULES) * again
        candidate = Candidate(fact=fact, question=clean(reply.get("text", "")), sample=number, asked=form)
        if "error" in reply:
            candidate.reason, candidate.value = "no_reply", reply["error"]
        candidates.append(candidate)
    return candidates


def by_rule(facts: Iterable[Fact], plan: Plan) -> list[Candidate]:
    """Return the questions that rules make of the facts, if the plan has any."""
    return [
        Candidate(fact=fact, question=question, sample=number, form=rule)
        for fact in (facts if plan.rules else [])
        for number, (rule, question) in enumerate(rules.made_by_rule(fact.says, fact.topic), plan.samples)
    ]


def measure(
    candidates: Sequence[Candidate], scorer: gain.Scorer, plan: Plan, replies: Replies, places: Places | None = None
) -> None:
    """Judge and score what is new: candidates that no answer could save get their reason, the others their score."""
    judge_form(candidates, plan, places)
    running = [c for c in candidates if not c.reason and c.score is None]
    wanted = [(c.fact.topic, c.fact.says, c.question) for c in running]
    for candidate, found in zip(running, gain.score(wanted, scorer, replies), strict=True):
        candidate.score = found
        if found.gain is None and candidate.form not in wording.POLAR:
            candidate.reason = "gives_away"


def select(candidates: Sequence[Candidate], plan: Plan) -> None:
    """Rank measured candidates; all but the best of each fact get the reason why they are dropped."""
    by_fact: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.reason in ("outranked", "too_alike"):  # of an earlier round: all run again
            candidate.reason = candidate.value = None
        by_fact.setdefault(candidate.fact.id, []).append(candidate)
    for group in by_fact.values():
        choose(group, plan)


def clean(text: str) -> str:
    """Return a reply's first line without label and quotes; a small model adds both."""
    line = next((line for line in text.strip().splitlines() if line.strip()), "")
    return " ".join(_LABEL.sub("", line).strip().strip("\"'“”*").split())


def judge_form(candidates: Iterable[Candidate], plan: Plan, places: Places | None = None) -> None:
    """Give each candidate that no answer could save its reason: the cheap gates, before anything is scored.

    One that points outside gets its subject put in first, where that mends it and its place is known.
    """
    seen: dict[str, list[str]] = {}
    for candidate in candidates:
        earlier = seen.setdefault(candidate.fact.id, [])
        if candidate.judged or candidate.reason:
            if candidate.reason not in ("no_reply", "not_a_question"):
                earlier.append(candidate.question)
            continue
        candidate.judged = True
        fact = candidate.fact
        if places and pointing.dangling(candidate.question) and (whose := places.subject(fact.document, fact.topic)):
            candidate.question = repair.mended(candidate.question, fact.says, whose) or candidate.question
        question = candidate.question
        if not wording.is_question(question):
            candidate.reason = "not_a_question"
        elif any(same(question, other) for other in earlier):
            candidate.reason = "same_again"
        elif found := pointing.dangling(question):
            candidate.reason, candidate.value = "dangling", found[0]
        elif found := grounding.foreign(question, f"{fact.topic} {fact.says}"):
            candidate.reason, candidate.value = "foreign_name", found[0]
        elif (
            candidate.form not in wording.POLAR
            and (share := wording.gives_away(question, fact.says, fact.topic)) > plan.max_gives_away
        ):
            candidate.reason, candidate.value = "gives_away", round(share, 3)
        elif candidate.form == "model" and wording.is_yes_no(question):
            candidate.reason = "yes_no"  # the answer is a statement, and a small model's doubt is its own
        elif (
            candidate.form == "model"
            and (form := forms.of_question(question)) in ASKS
            and not forms.answered(form, fact.says)
        ):
            candidate.reason, candidate.value = "other_form", form
        elif candidate.form == "model" and not asks_well(question, fact):
            candidate.reason = "in_doubt"
        elif (share := wording.drift(question, f"{fact.topic} {fact.says}")) > plan.max_drift:
            candidate.reason, candidate.value = "drifts", round(share, 3)
        if candidate.reason != "not_a_question":
            earlier.append(question)


def asks_well(question: str, fact: Fact) -> bool:
    """Tell whether a model's question asks for what the fact tells: of a row by its name, not too broadly, plainly."""
    label = rows.label(fact.says)
    named = all(name in question for name in mentions.identifiers(label))
    if not named or len(stems(label) & stems(question)) < len(stems(label)) / 2 or _PROGRESSIVE.match(question):
        return False
    return not doubtful("model", question, fact.says, fact.topic)


def choose(candidates: Sequence[Candidate], plan: Plan) -> None:
    """Keep the best candidates of one fact; the others get the reason `outranked` or `too_alike`.

    By maximal marginal relevance (Carbonell and Goldstein 1998): next is the one with the highest rank minus
    `diversity` times its closest likeness to a kept one (Jaccard of the words that tell, the interrogative among
    them). One whose likeness is above `max_alike` is passed.
    """
    running = sorted((c for c in candidates if not c.reason), key=lambda c: (-c.rank(plan), c.question))
    words = {id(c): {*content_tokens(c.question), c.question.split()[0].casefold()} for c in running}
    closest = dict.fromkeys(words, 0.0)
    kept = 0
    while running:
        best = max(running, key=lambda c: c.rank(plan) - plan.diversity * closest[id(c)])  # the first of equals
        running.remove(best)
        if kept >= plan.keep:
            best.reason, best.value = "outranked", round(best.rank(plan), 3)
        elif closest[id(best)] > plan.max_alike:
            best.reason, best.value = "too_alike", round(closest[id(best)], 3)
        else:
            kept += 1
            for other in running:
                both, either = words[id(best)] & words[id(other)], words[id(best)] | words[id(other)]
                closest[id(other)] = max(closest[id(other)], len(both) / len(either))
