"""Structured FAQ files: the shapes that questions and answers take in JSON, and which column is which."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stages.documents.blocks import ReadError, clean

# in order of preference; compared in lower case, with blanks for all that is no letter or digit
QUESTION = (
    *("question", "questions", "q", "query", "question text", "faq question", "faq", "prompt", "instruction", "user"),
    *("frage", "pregunta", "domanda", "pergunta", "vraag", "pytanie", "вопрос", "问题", "質問"),
)
ANSWER = (
    *("answer", "answers", "a", "answer text", "faq answer", "accepted answer", "response", "output", "completion"),
    *("reply", "solution", "assistant", "antwort", "respuesta", "réponse", "reponse", "risposta", "resposta"),
    *("antwoord", "odpowiedź", "ответ", "答案", "回答"),
)
TASK = ("instruction", "prompt")  # beside which an input may stand, as in Alpaca
CATEGORY = (
    *("category", "categories", "section", "topic", "subcategory", "subtopic", "kategorie", "thema", "categoría"),
    *("categoria", "catégorie"),
)
URL = ("url", "link", "source url", "source", "href")
ID = ("id", "anchor", "slug", "key", "uuid")
GROUP = (*CATEGORY, "heading", "group", "name", "title", "label")  # of what holds a list of items
TITLE = ("title", "name", "heading", "headline", "subject")  # of an item, if most are questions
BODY = ("body", "content", "text", "description")
MEMBERS = ("html", "markdown", "md", "text", "value", "rendered", "content", "body", "answer", "question", "plain")
CHATS = ("messages", "conversations", "conversation")
USER, ASSISTANT = {"user", "human", "prompter"}, {"assistant", "gpt", "bot", "model", "chatgpt"}


@dataclass
class Row:
    """One item as it stands in the file."""

    values: dict[str, Any]
    path: tuple[str, ...] = ()  # names of the objects in which it stands
    is_item: bool = True  # or what is said of all items, or between them
    turn: int = 1  # which question of its chat it is: what stands before a later one may be needed to understand it


@dataclass
class Context:
    """A passage to which the questions after it belong."""

    text: str
    path: tuple[str, ...]


def find(names: Any, known: tuple[str, ...]) -> list[str]:
    """Return those of the column names that are known, in the order of the known ones; a bracket tells nothing."""
    plain = {name: re.sub(r"[\W_]+", " ", re.sub(r"(?<=\S)\s*\(.*\)$", "", str(name))).strip() for name in names}
    return [name for wanted in known for name in plain if plain[name].casefold() == wanted]


def stated(values: dict[str, Any]) -> tuple[str, str]:
    """Return the question and the answer of an item as they stand in the file, "" for what it lacks."""
    asked, answered = find(values, QUESTION)[:1], find(values, ANSWER)[:1]
    parts = [text(values[name]) for name in asked]
    parts += [text(values.get("input")) for name in asked if name.lower() in TASK]
    return "\n\n".join(filter(None, parts)), "".join(text(values[name]) for name in answered)


def is_row(names: Any) -> bool:
    """Say whether columns of these names hold a question and an answer."""
    return bool(find(names, QUESTION) and find(names, ANSWER))


def is_titled(names: Any) -> bool:
    """Say whether columns of these names hold a title and a body."""
    return bool(find(names, TITLE) and find(names, BODY)) and not is_row(names)


def no_pairs(names: Any) -> ReadError:
    """Return the error for a file in whose columns there are no questions and answers."""
    if is_row(names):
        asked, answered = find(names, QUESTION)[0], find(names, ANSWER)[0]
        return ReadError("no_pairs", f"there are columns {asked!r} and {answered!r}, but no item has a text in both")
    found = ", ".join(repr(str(name)[:40]) for name in list(names)[:20]) or "none"
    return ReadError(
        "no_pairs",
        f"no columns of questions and answers; found: {found}; expected one of {', '.join(QUESTION[:8])}, ..."
        f" and one of {', '.join(ANSWER[:9])}, ...",
    )


def titled(items: list[Any]) -> list[Any]:
    """Return items with a title and a body as questions with answers, if most titles ask and nothing else is text."""
    named = [pair for item in items if (pair := _title_and_body(item))]
    if not items or len(named) < len(items):
        return items
    pairs = list(zip(items, named, strict=True))
    if 2 * sum(text(item[title]).rstrip().endswith(("?", "？")) for item, (title, _) in pairs) <= len(items):
        return items
    shapes = [(item, {title: "question", body: "answer"}) for item, (title, body) in pairs]
    return [{names.get(key, key): inner for key, inner in item.items()} for item, names in shapes]


def _title_and_body(item: Any) -> tuple[str, str] | None:
    if not isinstance(item, dict) or is_row(item):
        return None
    title, body = find(item, TITLE), find(item, BODY)
    known = {*title[:1], *body[:1], *find(item, CATEGORY + URL + ID)}
    other = [inner for key, inner in item.items() if key not in known]
    if not title or not body or any(not str(inner).isdecimal() for inner in other if isinstance(inner, str) and inner):
        return None
    return title[0], body[0]


def rows(value: Any, path: tuple[str, ...] = (), listed: bool = False) -> Iterator[Row | Context]:
    """Yield the items in a JSON value: a list of objects, FAQPage, SQuAD, chats, or a mapping; below any object.

    Args:
        value: what was read.
        path: names of the objects in which it stands.
        listed: whether it stands in a list, so that its name is that of a group and not of all.
    """
    if isinstance(value, list):
        if is_chat(value):
            yield from _turns(value, {}, path)
            return
        for item in titled(value):
            if isinstance(item, (dict, list)):
                yield from rows(item, path, listed=True)
            elif item is not None:
                yield Row({"value": item}, path)
        return
    if not isinstance(value, dict):
        return
    if is_chat(value.get("prompt")) and is_chat(value.get("completion")):  # as TRL has them
        rest = {key: inner for key, inner in value.items() if key not in ("prompt", "completion")}
        value = {"messages": [*value["prompt"], *value["completion"]], **rest}
    if any(_is_list(value, key) for key in ("qa_pairs", "cot_examples")):  # synthetic-data-kit has them as chats, too
        value = {key: inner for key, inner in value.items() if key != "conversations"}
    turns = next((value[key] for key in CHATS if _is_list(value, key) and not isinstance(value[key][0], list)), None)
    if is_row(value):
        yield Row(value, path)
    elif "acceptedAnswer" in value or "suggestedAnswer" in value:
        yield Row(_schema_question(value), path)
    elif turns is not None:
        yield from _turns(turns, {k: v for k, v in value.items() if v is not turns}, path)
    elif _is_list(value, "qas"):
        yield Context(text(value.get("context")), path)
        for pair in value["qas"]:
            if isinstance(pair, dict):
                yield Row(pair, path)
    elif _is_list(value, "paragraphs"):
        title = clean(text(value.get("title")).replace("_", " "))
        yield from rows(value["paragraphs"], (*path, title) if title else path)
    elif _is_mapping(value):
        for question, answer in value.items():
            yield Row({"question": question, "answer": answer}, path)
    else:
        yield from _inside(value, path, GROUP if listed and "@type" not in value else CATEGORY)


def text(value: Any) -> str:
    """Return a value as text; of an object its text, of several answers the first."""
    if isinstance(value, list):
        return next((found for found in map(text, value) if found), "")
    if isinstance(value, dict):
        keys = [key for key in (*MEMBERS, "en") if key in value]
        if not keys and all(re.fullmatch(r"[a-z]{2}(?:[-_]\w+)?", key) for key in value):  # the languages of a text
            keys = [*value]
        return next((found for key in keys if (found := text(value[key]))), "")
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def shown(value: Any) -> str:
    """Return a value as text, whole."""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) if value else ""


def _inside(value: dict[str, Any], path: tuple[str, ...], group: tuple[str, ...]) -> Iterator[Row | Context]:
    """Look below an object. If it has several lists, their names tell the items apart."""
    nested = {key: inner for key, inner in value.items() if isinstance(inner, (list, dict)) and inner}
    rest = {key: inner for key, inner in value.items() if key not in nested and not key.startswith("@")}
    if not nested and find(value, QUESTION + ANSWER):
        yield Row(value, path)  # half of an item
        return
    name = [key for key in find(rest, group) if isinstance(rest[key], str)]
    if name and len(nested) == 1:
        path = (*path, clean(text(rest.pop(name[0]))))
    if any(rest.values()):
        yield Row(rest, path, is_item=False)
    for key, inner in nested.items():
        yield from rows(inner, (*path, clean(key)) if len(nested) > 1 and not key.startswith("@") else path)


def _schema_question(value: dict[str, Any]) -> dict[str, Any]:
    """Return a schema.org Question as a row."""
    known = {"name", "text", "acceptedAnswer", "suggestedAnswer", "@type", "@id", "@context"}
    rest = {key: inner for key, inner in value.items() if key not in known}
    answer = text(value.get("acceptedAnswer")) or text(value.get("suggestedAnswer"))
    asked = {"question": value.get("name") or value.get("text"), "answer": answer, **rest}
    return {**asked, "id": value["@id"]} if isinstance(value.get("@id"), str) else asked


def _turns(turns: list[Any], rest: dict[str, Any], path: tuple[str, ...]) -> Iterator[Row]:
    """Yield each question of a chat with its answer; what is said besides is in rows of its own."""
    question: str | None = None
    number = 0
    for turn in (turn for turn in turns if isinstance(turn, dict)):
        role, said = (
            clean(text(turn.get("role", turn.get("from")))).lower(),
            text(turn.get("content", turn.get("value"))),
        )
        if role in ASSISTANT and question is not None:
            yield Row({"question": question, "answer": said, **rest}, path, turn=number)
            question, rest = None, {}
        elif role in USER:
            if question is not None:
                yield Row({"question": question}, path, turn=number)
            question = said
            number += 1
        else:
            yield Row({role or "message": said}, path, is_item=False)
    if question is not None:
        yield Row({"question": question, **rest}, path, turn=number)


def is_chat(value: Any) -> bool:
    """Say whether a value is a list of messages, and not of items that happen to have such columns."""
    known = ({"role", "content"}, {"from", "value"})
    return (
        isinstance(value, list)
        and all(isinstance(turn, dict) and any(names <= turn.keys() for names in known) for turn in value)
        and any(text(turn.get("role", turn.get("from"))).strip().lower() in USER | ASSISTANT for turn in value)
        and not any(is_row(turn) for turn in value)
    )


def _is_list(value: dict[str, Any], key: str) -> bool:
    return isinstance(value.get(key), list) and bool(value[key])


def _is_mapping(value: dict[str, Any]) -> bool:
    """Say whether the keys are questions, and not names of columns."""
    asked = sum("?" in key or "？" in key or len(key.split()) > 2 for key in value)
    return bool(value) and all(isinstance(answer, str) for answer in value.values()) and asked * 2 > len(value)
