"""Any number of question-answer pairs as JSON Lines, some of them twice, some with personal data, all from a seed."""

import json
import random
from pathlib import Path

from deduping.grammar import filled
from deduping.questions import Maker
from deduping.vocabulary import GRAMMAR

BATCH = 10_000
NAMES = 20_000  # of products
AGAIN, RECASED = 0.02, 0.03  # shares of rows that an earlier one is, word for word and in other type
PERSONAL = 0.005  # share of answers with a contact
ABROAD = ("Größe", "naïve", "Łódź", "東京", "Ελλάδα", "İzmir", "дом", "हिन्दी")  # words that are no ASCII
FOREIGN = 0.05  # share of answers with one of them


def write(path: Path, total: int, seed: int = 0) -> None:
    """Write so many pairs with id, question, answer, source, topic, language and origin."""
    chance = random.Random(f"pairs {seed}")
    maker = Maker(10 * NAMES, seed, "dev")  # it makes a tenth as many names
    earlier: list[tuple[str, str]] = []  # the last batch
    written = 0
    with path.open("w", encoding="utf-8") as file:
        while written < total:
            maker.ask(BATCH)
            batch = [_pair(text, earlier, maker, chance) for text in maker.texts[: total - written]]
            for question, answer in batch:
                row = {
                    "id": f"{written:08}", "question": question, "answer": answer,
                    "source": f"manual-{chance.randrange(200):03}.md", "topic": chance.choice(GRAMMAR["slots"]["head"]),
                    "language": chance.choice(["en", "en", "en", "de", None]), "origin": "generated",
                }  # fmt: skip
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                written += 1
            earlier = batch
            maker.asked.clear()
            maker.texts.clear()


def _pair(question: str, earlier: list[tuple[str, str]], maker: Maker, chance: random.Random) -> tuple[str, str]:
    way = chance.random()
    if earlier and way < AGAIN:
        return chance.choice(earlier)
    if earlier and way < AGAIN + RECASED:
        asked, answer = chance.choice(earlier)
        return asked.upper().replace("?", " ?"), answer.replace(", ", " - ")
    return question, _answer(maker, chance)


def _answer(maker: Maker, chance: random.Random) -> str:
    texts = [chance.choice(GRAMMAR["prose"]) for _ in range(chance.choice([1, 1, 2, 2, 3]))]
    sentences = [filled(text, maker.fill(text)) for text in texts]
    way = chance.random()
    if way < PERSONAL:
        number = chance.randrange(10_000)
        contact = [f"jane.doe{number}@company.io", f"+1 650-253-{number:04}", f"52.95.{number % 256}.1"][number % 3]
        sentences.append(f"Ask {contact} about it.")
    elif way < PERSONAL + FOREIGN:
        sentences.append(f"See also {chance.choice(ABROAD)} {chance.randrange(1000)}.")
    return " ".join(sentences)
