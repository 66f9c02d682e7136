"""What is asked of whom: each item for each system, as a prompt with the key of its reply."""

from collections.abc import Mapping, Sequence

import msgspec

from stages.llm import replies as ledger
from stages.llm.prompts import Messages, Prompt
from stages.records import Item
from stages.scoring.items import GENERAL, UNANSWERABLE
from stages.scoring.systems import System
from stages.tuning import models


class Task(msgspec.Struct, kw_only=True):
    """One item for one system."""

    item: Item
    system: System
    messages: list[dict[str, str]] = []
    lacking: str | None = None  # why it cannot be asked, or was not answered

    @property
    def reference(self) -> str | None:
        """The answer whose likelihood counts; a question without an answer, or of general ability, has none."""
        return None if self.item.set in (UNANSWERABLE, GENERAL) else self.item.answer


def plan(
    items: Sequence[Item], systems: Sequence[System], chat_system: str, passages: Mapping[str, Sequence[str]]
) -> list[Task]:
    """Return what is asked of whom.

    The oracle is not asked what has no answer, and no passages are looked up for general ability.

    Args:
        items: what is asked.
        systems: who.
        chat_system: the system message of every prompt.
        passages: of each question, best first, for the systems that read them.
    """
    oracle, retrieval = Prompt("oracle"), Prompt("retrieval")
    tasks = []
    for system in systems:
        for item in items:
            if system.reads == "evidence" and item.set in (UNANSWERABLE, GENERAL):
                continue
            if system.reads == "passages" and item.set == GENERAL:
                continue
            task = Task(item=item, system=system)
            tasks.append(task)
            if system.reads == "evidence" and not item.evidence:
                task.lacking = "no_evidence"
            elif system.reads == "evidence":
                task.messages = _plain(
                    oracle.messages(system=chat_system, evidence=item.evidence, question=item.question)
                )
            elif system.reads == "passages" and passages.get(item.question):
                task.messages = _plain(
                    retrieval.messages(system=chat_system, passages=passages[item.question], question=item.question)
                )
            else:  # closed book, or nothing was found
                task.messages = [models.to_dict(message) for message in models.chat(chat_system, item.question)]
    return tasks


def _plain(messages: Messages) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in messages]


def answer_key(student: str, task: Task, max_new_tokens: int) -> str:
    """Return the key of the answer: everything it depends on."""
    return ledger.key(
        model=student,
        adapter=task.system.digest,
        messages=task.messages,
        max_new_tokens=max_new_tokens,
        decoding="greedy",
    )


def nll_key(student: str, task: Task) -> str:
    """Return the key of the likelihood of the reference."""
    return ledger.key(model=student, adapter=task.system.digest, messages=task.messages, reference=task.reference)


def text_key(student: str, system: System, text: str) -> str:
    """Return the key of the likelihood of a general text."""
    return ledger.key(model=student, adapter=system.digest, text=text)
