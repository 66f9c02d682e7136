"""Sentence and question from SQuAD-format files, as examples for the question writer.

Rajpurkar et al. (2016, arXiv 1606.05250). Of each question the sentence is taken in which its answer stands. Only
those are used that can be asked without the paragraph: what the question names must stand in the sentence or in the
title, and the sentence must be understood alone.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from stages.documents import dangling, sentences
from stages.llm import forms
from stages.llm.prompts import Example
from stages.quality import grounding, mentions, pointing, wording
from stages.quality.tokens import stems

WORDS = range(6, 31)  # of a sentence
MAIN = 0.5  # share of its content words that question or answer hold: a question on its main point


class SquadError(ValueError):
    """A file is not in SQuAD format; the message says which and what was expected."""


def examples(file: Path) -> list[Example]:
    """Return the usable sentence-question pairs of a file in its order, each question once."""
    found: dict[tuple[str, str], Example] = {}
    try:
        articles = json.loads(file.read_text(encoding="utf-8"))["data"]
        for article in articles:
            topic = article.get("title", "").replace("_", " ")
            for paragraph in article["paragraphs"]:
                text, ends = paragraph["context"], list(sentences.spans(paragraph["context"]))
                for item in paragraph["qas"]:
                    if item.get("is_impossible") or not item["answers"]:
                        continue
                    start = item["answers"][0]["answer_start"]
                    sentence = next((text[low:high] for low, high in ends if low <= start < high), "")
                    question = " ".join(item["question"].split())
                    if usable(topic, sentence, question, item["answers"][0]["text"]):
                        identity = "squad-" + hashlib.sha256(f"{sentence}\n{question}".encode()).hexdigest()[:12]
                        form = forms.of_question(question)
                        made = Example(id=identity, topic=topic, answer=sentence, question=question, form=form)
                        found.setdefault((sentence, question), made)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SquadError(
            f"{file}: expected SQuAD format, data > paragraphs > qas with answer_start: {error!r}"
        ) from error
    return list(found.values())


def usable(topic: str, sentence: str, question: str, answer: str) -> bool:
    """Tell whether a question can be asked without its paragraph, and the sentence answers it and says little else."""
    known = f"{topic} {sentence}"
    told = stems(sentence) - stems(topic)
    return (
        len(sentence.split()) in WORDS
        and wording.is_question(question)
        and not wording.is_yes_no(question)
        and not pointing.dangling(question)
        and not dangling.dangling(sentence)
        and not grounding.foreign(question, known)
        and wording.drift(question, known) <= 0.34
        and len(told & (stems(question) | stems(answer))) >= MAIN * len(told)
        and bool(mentions.names(question) or mentions.identifiers(question))
    )


def spread(examples: list[Example], most: int) -> list[Example]:
    """Return at most so many, drawn by their ids, those of a rare form first in line: each form gets a like share."""
    forms: dict[str, list[Example]] = {}
    for example in sorted(examples, key=lambda e: e.id):
        forms.setdefault(example.form, []).append(example)
    chosen = list(_in_turn(list(forms.values())))[:most]
    return sorted(chosen, key=lambda e: e.id)


def _in_turn(groups: list[list[Example]]) -> Iterator[Example]:
    for turn in range(max(map(len, groups), default=0)):
        for group in groups:
            if turn < len(group):
                yield group[turn]
