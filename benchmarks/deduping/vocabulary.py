"""What fills the slots of questions: names and nouns by Zipf's law, identifiers, numbers with units."""

import random
import re
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import yaml

GRAMMAR = yaml.safe_load((Path(__file__).parent / "grammar.yaml").read_text(encoding="utf-8"))
SLOTS: dict[str, list[str]] = {kind: [str(word) for word in words] for kind, words in GRAMMAR["slots"].items()}
COMMON = 400  # names among which the real ones are
SHORT = 5  # letters; shorter names may be alike, as acronyms are
ALONE = 0.25  # of the things, those that are one noun
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")


def kind_of(slot: str) -> str:
    """Return what fills a slot: `name` for `name2`, `name_a`, and `c_name` of a condition."""
    return slot.removeprefix("c_").rstrip("2").removesuffix("_a").removesuffix("_b")


def plural(noun: str) -> str:
    """Return the plural of a noun of grammar.yaml."""
    if noun.endswith("matrix"):
        return noun[:-1] + "ces"
    if _SIBILANT.search(noun):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else noun + "s"


class Vocabulary:
    """Draws what fills a slot, and something else of the same kind.

    Args:
        names: how many names of products there are; the r-th is drawn with a probability in proportion to 1 / (r + 5).
        seed: of the names, and of which nouns are frequent.

    Of two made names of `SHORT` letters or more none is within two letters of the other (insertions, deletions,
    swaps, other letters), so that a typing error in one is not another one. Real names may be.
    """

    def __init__(self, names: int, seed: int):
        self.names = _names(names, random.Random(f"names {seed}"))
        self._ranked = self.names, _zipf(len(self.names))
        self._siblings: dict[str, list[str]] = {}
        self._modifiers, self._heads = (_ranked(SLOTS[kind], seed) for kind in ("modifier", "head"))
        for name in self.names:
            self._siblings.setdefault(re.split(r"[ -]", name)[0][:7].casefold(), []).append(name)
        self._made: dict[str, Callable[[random.Random], str]] = {
            "name": lambda chance: _drawn(self._ranked, chance),
            "thing": self._thing, "things": lambda chance: plural(self._thing(chance)), "ver": _version, "n": _number,
            "port": lambda chance: str(chance.choice([80, 443, 8080, chance.randint(1024, 65535)])),
            "dur": lambda chance: f"{_few(chance)} {chance.choice(SLOTS['time_unit'])}",
            "size": lambda chance: f"{2 ** chance.randint(0, 10)} {chance.choice(SLOTS['size_unit'])}",
            "key": _key, "flag": _flag, "file": _file, "func": _function, "err": _error,
        }  # fmt: skip
        self.words = {word.casefold() for words in SLOTS.values() for text in words for word in text.split()}
        self.words |= {part.casefold() for name in self.names for part in name.split()}

    def draw(self, slot: str, chance: random.Random) -> str:
        """Return something that fills a slot."""
        kind = kind_of(slot)
        return self._made[kind](chance) if kind in self._made else chance.choice(SLOTS[kind])

    def other(self, slot: str, value: str, chance: random.Random) -> str:
        """Return another entity of the same kind, by halves one that looks alike; it differs in more than digits."""
        kind, bare = kind_of(slot), _bare(value)
        if chance.random() < 0.5:
            if kind == "name":
                alike = self._siblings.get(re.split(r"[ -]", value)[0][:7].casefold(), [])
                if alike := [name for name in alike if _bare(name) != bare]:
                    return chance.choice(alike)
            if kind in ("thing", "things") and " " in value:
                first, last = value.rsplit(" ", 1)
                if (new := chance.choice(SLOTS["modifier"])) not in (first, last):
                    return f"{new} {last}"
            if kind == "file" and "." in value and (new := chance.choice(SLOTS["extension"])) != value.split(".")[-1]:
                return f"{value.rsplit('.', 1)[0]}.{new}"
        while _bare(new := self.draw(slot, chance)) == bare:
            pass
        return new

    def _thing(self, chance: random.Random) -> str:
        head = _drawn(self._heads, chance)
        if chance.random() < ALONE:
            return head
        while (modifier := _drawn(self._modifiers, chance)) == head:
            pass
        return f"{modifier} {head}"


def _bare(value: str) -> str:
    return re.sub(r"[\W\d_]", "", value.casefold())


def _names(total: int, chance: random.Random) -> list[str]:
    """Return so many distinct names, the real ones among the first."""
    made: dict[str, None] = dict.fromkeys(SLOTS["real"])
    taken = {part for name in made for part in _shorter(name.casefold())}
    while len(made) < total:
        made.setdefault(_name(chance, list(made)[: 4 * COMMON] if chance.random() < 0.2 else [], taken))
    names = list(made)
    head = names[:COMMON]
    chance.shuffle(head)
    return head + names[COMMON:]


def _name(chance: random.Random, earlier: list[str], taken: set[str]) -> str:
    """Return a name: a product of an earlier name, an acronym, or a new word that is far from those in `taken`."""
    if earlier:
        first = chance.choice(earlier).split(" ")[0]
        tail = chance.choice([*SLOTS["suffix"], str(chance.randint(2, 9)), f"{chance.choice([1, 3, 7, 8, 13, 70])}B"])
        return f"{first} {tail}"
    way = chance.random()
    if way < 0.06:
        return "".join(chance.choices("ABCDEFGHIKLMNOPQRSTVWX", k=chance.choice([3, 3, 4])))
    while True:
        if way < 0.4:
            word = chance.choice(SLOTS["first_word"]) + chance.choice(SLOTS["second_word"])
        else:
            word = "".join(chance.choices(SLOTS["syllable"], k=chance.choice([2, 3, 3, 4])))
            word += chance.choice(SLOTS["ending"])
        near = _shorter(word)
        if len(word) >= SHORT and near.isdisjoint(taken):
            taken |= near
            break
        way = chance.random() * 0.94 + 0.06
    if way < 0.2:
        return chance.choice(["py{}", "lib{}", "{}js", "{}-cli", "go-{}"]).format(word)
    return word.capitalize()


def _shorter(word: str) -> set[str]:
    """Return the word without any one or two of its letters; two words within two edits share one of these."""
    once = {word[:at] + word[at + 1 :] for at in range(len(word))}
    return {word, *once, *(less[:at] + less[at + 1 :] for less in once for at in range(len(less)))}


def _ranked(words: list[str], seed: int) -> tuple[list[str], list[float]]:
    """Return the words in a random order, and what `_drawn` draws by: 1 / (rank + 5), summed up."""
    order = sorted(words)
    random.Random(f"words {seed}").shuffle(order)
    return order, _zipf(len(order))


def _zipf(words: int) -> list[float]:
    return list(accumulate(1 / (rank + 5) for rank in range(words)))


def _drawn(ranked: tuple[list[str], list[float]], chance: random.Random) -> str:
    return chance.choices(ranked[0], cum_weights=ranked[1])[0]


def _few(chance: random.Random) -> int:
    return chance.choice([chance.randint(2, 12), chance.choice([15, 20, 24, 30, 45, 48, 60, 90, 100, 120, 180, 365])])


def _number(chance: random.Random) -> str:
    return str(chance.choice([chance.randint(2, 20), 5 * chance.randint(4, 60), chance.randint(100, 9999)]))


def _version(chance: random.Random) -> str:
    parts = [chance.randint(1, 12), chance.randint(0, 20), chance.randint(0, 9)][: chance.choice([1, 2, 2, 3])]
    return chance.choice(["", "", "v"]) + ".".join(map(str, parts))


def _parts(chance: random.Random, least: int = 2) -> list[str]:
    return chance.sample(SLOTS["part"], chance.randint(least, 3))


def _key(chance: random.Random) -> str:
    parts = _parts(chance)
    way = chance.random()
    if way < 0.2:
        return parts[0] + "".join(part.capitalize() for part in parts[1:])
    return "_".join(parts).upper() if way < 0.4 else (chance.choice("._")).join(parts)


def _flag(chance: random.Random) -> str:
    return "--" + "-".join(_parts(chance, 1))


def _file(chance: random.Random) -> str:
    name = f"{chance.choice('-_').join(_parts(chance, 1))}.{chance.choice(SLOTS['extension'])}"
    return chance.choice(["", "", f"/etc/{chance.choice(SLOTS['part'])}/", "~/", "src/"]) + name


def _function(chance: random.Random) -> str:
    parts = [chance.choice(SLOTS["verb_part"]), *_parts(chance, 1)]
    if chance.random() < 0.3:
        return parts[0] + "".join(part.capitalize() for part in parts[1:]) + "()"
    return "_".join(parts) + "()"


def _error(chance: random.Random) -> str:
    ways = [
        f"error {chance.randint(400, 599)}", f"E{chance.randint(1000, 9999)}", f"exit code {chance.randint(2, 255)}",
        f"ERR_{'_'.join(_parts(chance)).upper()}", "".join(part.capitalize() for part in _parts(chance)) + "Error",
    ]  # fmt: skip
    return chance.choice(ways)
