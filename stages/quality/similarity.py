"""Which questions ask the same thing? One matcher for dedup, decontamination, augmentation and the final check.

No similarity threshold tells "Llama 2 7B" from "Llama 2 13B". So similarity only proposes pairs, and a guard decides:
two questions are one if their content words are equal, differ by typos of long words, or one adds a harmless chunk.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from stages.quality.tokens import UNSPACED, bigrams, normal_form, without_commas

EXHAUSTIVE = 3_000  # rows up to which every pair is looked at
PREFILTER = 70  # token-sorted ratio below which the guard is not asked
RAREST, FREQUENT = 3, 300  # blocking: the rarest tokens of a row, of those in at most so many rows
CONTAINED = 5  # content tokens a question must have to be looked for inside another text

Tokens = tuple[str, ...]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Question words, negations, prepositions of order (before, after) and quantities stay: they change what is asked.
LIGHT = _set(
    "a an the is are was were be been being am do does did can could may might will would shall should i me my "
    "we us our you your it its they them their this that these those there please kindly tell explain describe "
    "know like want to let get hey hi hello thanks thank s d ll ve re m of so exactly actually basically just "
    "really simply currently passage document text article above following according quick question wondering "
    "wonder ask help understand"
)
FRAMES = re.compile(
    r"^(?:(?:hi|hello|hey)\b[ ,!]*)?"
    r"(?:(?:could|can|would|will) you (?:please )?(?:tell|explain|describe|say)(?: to)?(?: me| us)?"
    r"|(?:please )?(?:tell|explain to) (?:me|us)|i (?:would like|want|need|d like) to know|i (?:was|am|m) wondering"
    r"|do you know|may i ask|(?:a )?quick question)\b[ :,]*(?:please\b ?)?(?:if|whether)?\b"
)
# Words that turn a chunk into another question: prepositions, conjunctions, comparisons, order, quantity.
BINDING = _set(
    "in on for with from by at under of over via per through between before after during against within into "
    "than versus vs and or but if when while where because as using instead about first last next previous "
    "only all most least more less fewer maximum minimum max min both every each other another same different "
    "best worst new old who what which why how whose whom disable enable"
)
CANONICAL = {
    "config": "configuration", "configs": "configuration", "docs": "documentation", "doc": "documentation",
    "repo": "repository", "repos": "repository", "params": "parameters", "param": "parameter", "app": "application",
    "apps": "applications", "info": "information", "env": "environment", "dir": "directory", "folder": "directory",
    "whats": "what", "wheres": "where", "hows": "how", "finetune": "fine tune", "finetuning": "fine tuning",
    "finetuned": "fine tuned", "license": "licence", "licenses": "licences",
}  # fmt: skip
_CONTRACTIONS = [
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"), (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"), (re.compile(r"'(?:s|d|ll|ve|re|m)\b"), ""),
]  # fmt: skip
_TOKEN = re.compile(r"[^\W_]\+\+|[^\W_]#|\d+(?:[.,]\d+)*[^\W_]*|[^\W_]+")
_OPPOSING = re.compile(r"^(?:un|dis|non|in|im|de|mis|anti|re|pre|post)")


def _tokens(text: str) -> list[str]:
    """Return all words of a text, canonical, in order."""
    text = normal_form(text).casefold()
    for pattern, plain in _CONTRACTIONS:
        text = pattern.sub(plain, text)
    text = without_commas(text)
    # A minus or a flag's dashes carry meaning where a digit or a word hangs on them: -1 is not 1.
    text = re.sub(r"(?<![\w-])-(?=\d)", "minus ", text)
    found: list[str] = []
    for word in _TOKEN.findall(text):
        found += bigrams(word) if UNSPACED.fullmatch(word) else CANONICAL.get(word, word).split()
    return found


def normalise(text: str) -> Tokens:
    """Return the words that make the question, in order: no articles, auxiliaries, pronouns, politeness."""
    plain = " ".join(_tokens(text))
    tokens = FRAMES.sub("", plain, count=1).split()
    kept = tuple(token for token in tokens if token not in LIGHT)
    return kept or tuple(tokens) or tuple(plain.split())


def _typo(left: str, right: str) -> bool:
    """Tell whether one long alphabetic word is a misspelling of the other."""
    if min(len(left), len(right)) < 5 or not (left.isalpha() and right.isalpha()) or left[0] != right[0]:
        return False
    if _OPPOSING.sub("", left) == right or _OPPOSING.sub("", right) == left:
        return False
    # A plural and its singular are no typo of each other, but one thing; other endings change the word.
    distance = DamerauLevenshtein.distance(left, right, score_cutoff=2)
    return distance <= (2 if min(len(left), len(right)) >= 9 else 1)


def _same_tokens(left: Tokens, right: Tokens) -> bool:
    if len(left) != len(right):
        return _extended(left, right) or _extended(right, left)
    if len(set(left).difference(right)) > 2:
        return False  # as most candidates
    only_left, only_right = [], list(right)
    for token in left:
        if token in only_right:
            only_right.remove(token)
        else:
            only_left.append(token)
    if not only_left:
        # Equal words in another order: "from A to B" must keep its direction.
        return not _directed(left, right)
    if len(only_left) > 2:
        return False
    if len(only_left) == 1:
        fits = _typo(only_left[0], only_right[0])
    else:
        fits = any(_typo(only_left[0], a) and _typo(only_left[1], b) for a, b in (only_right, only_right[::-1]))
    return fits and not _directed(left, right)


_DIRECTIONS = _set("from into before after than over under between versus vs against")


def _directed(left: Tokens, right: Tokens) -> bool:
    """Tell whether the order of the words tells the questions apart: what stands at a word of direction."""
    marks = _DIRECTIONS & set(left) & set(right)
    if not marks or left == right:
        return False
    return any(_after(left, mark) != _after(right, mark) for mark in marks)


def _after(tokens: Tokens, mark: str) -> str | None:
    place = tokens.index(mark) + 1
    return tokens[place] if place < len(tokens) else None


def _extended(short: Tokens, long: Tokens) -> bool:
    """Tell whether `long` is `short` plus one harmless chunk at an end, or plus one adverb inside."""
    extra = len(long) - len(short)
    if not 1 <= extra <= 4 or len(short) < 3:
        return False
    for start in (0, len(long) - extra):
        if long[:start] + long[start + extra :] == short:
            return all(_harmless(token) for token in long[start : start + extra])
    if extra == 1:
        return any(
            long[:i] + long[i + 1 :] == short and long[i].endswith("ly") and _harmless(long[i])
            for i in range(1, len(long) - 1)
        )
    return False


def _harmless(token: str) -> bool:
    return token.isalpha() and token in _FILLERS or token.endswith("ly") and token not in BINDING | _MEANT


# The rule of section 2.3 allows any word without digit, negation or preposition; but a lone noun ("Llama 2 chat") asks
# something else, so only words that ask for nothing may come on top.
_FILLERS = _set(
    "here there now today anyway then also too again detail details briefly short general practice possible "
    "mind minute moment time sure curious idea advance context case sense example terms simple words new user "
    "someone anyone point"
)
_MEANT = _set(
    "only locally remotely manually automatically daily weekly monthly yearly publicly privately commercially"
)


def same(left: str, right: str) -> bool:
    """Tell whether two questions ask the same thing, by the guard; no list, number or name is ever given away."""
    return _same_tokens(normalise(left), normalise(right))


def _candidates(rows: list[Tokens], others: list[Tokens] | None = None) -> Iterator[tuple[int, int]]:
    """Yield index pairs worth a look: within `rows` (i < j), or from `rows` to `others`."""
    right = rows if others is None else others
    keys = [" ".join(sorted(row)) for row in rows]
    other_keys = keys if others is None else [" ".join(sorted(row)) for row in right]
    if len(rows) * len(right) <= EXHAUSTIVE * EXHAUSTIVE:
        if not rows or not right:
            return
        for start in range(0, len(rows), 256):  # in slices: the whole matrix would not be small
            table = process.cdist(keys[start : start + 256], other_keys, scorer=fuzz.ratio, score_cutoff=PREFILTER)
            for i, j in zip(*table.nonzero(), strict=True):
                if others is not None or start + i < j:
                    yield start + int(i), int(j)
        return
    width = len(right)
    blocks = _blocks(rows, right if others is not None else None, keys, other_keys)
    if others is None:
        blocks = ((i, j) if i < j else (j, i) for i, j in blocks if i != j)
    pairs = np.fromiter((i * width + j for i, j in blocks), dtype=np.int64)  # a number each: they are many
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    for start in range(0, len(pairs), 100_000):
        part = [divmod(pair, width) for pair in pairs[start : start + 100_000].tolist()]
        scores = process.cpdist(
            [keys[i] for i, _ in part], [other_keys[j] for _, j in part], scorer=fuzz.ratio, score_cutoff=PREFILTER
        )
        yield from (part[place] for place in scores.nonzero()[0].tolist())


def _blocks(
    rows: list[Tokens], others: list[Tokens] | None, keys: list[str], other_keys: list[str]
) -> Iterator[tuple[int, int]]:
    """Yield candidates from three joins: equal fingerprints, fingerprints after the typo map, rarest tokens."""
    everything = rows + (others or [])
    typos = _typo_map({token for row in everything for token in row})

    def join(lefts: list[Iterable[str]], rights: list[Iterable[str]] | None) -> Iterator[tuple[int, int]]:
        table: dict[str, list[int]] = defaultdict(list)
        for index, names in enumerate(rights if rights is not None else lefts):
            for name in names:
                table[name].append(index)
        if rights is None:
            for members in table.values():
                # Equal keys: a chain is enough for union-find, and keeps a large block linear.
                chain = zip(members, members[1:], strict=False)
                yield from chain if len(members) > FREQUENT else combinations(members, 2)
        else:
            for index, names in enumerate(lefts):
                for name in names:
                    yield from ((index, other) for other in table.get(name, ())[:FREQUENT])

    def mapped(row: Tokens) -> str:
        return " ".join(sorted(typos.get(token, token) for token in row))

    yield from join([(key,) for key in keys], [(key,) for key in other_keys] if others is not None else None)
    yield from join([(mapped(r),) for r in rows], [(mapped(r),) for r in others] if others is not None else None)
    counts = Counter(token for row in everything for token in set(row))

    def rarest(row: Tokens) -> list[str]:
        known = [token for token in set(row) if counts[token] <= FREQUENT]
        return sorted(known, key=lambda token: (counts[token], token))[:RAREST]

    # On the right side of a link every rare token counts, so that a shared one is never missed.
    yield from join(
        [rarest(row) for row in rows],
        [[t for t in set(row) if counts[t] <= FREQUENT] for row in others] if others is not None else None,
    )


def _typo_map(vocabulary: set[str]) -> dict[str, str]:
    """Map each long word to the first of the words that one deletion away look the same (SymSpell's trick)."""
    table: dict[str, list[str]] = defaultdict(list)
    words = sorted(word for word in vocabulary if len(word) >= 5 and word.isalpha())
    for word in words:
        for shape in {word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))}:
            table[shape].append(word)
    chosen: dict[str, str] = {}
    for word in words:
        near = {w for shape in {word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))} for w in table[shape]}
        first = min((w for w in near if w == word or _typo(w, word)), default=word)
        chosen[word] = chosen.get(first, first)
    return chosen


def clusters(questions: list[str]) -> list[int]:
    """Return for each question the index of its cluster's first member; duplicates of duplicates are one cluster."""
    rows = [normalise(question) for question in questions]
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in _candidates(rows):
        a, b = root(i), root(j)
        if a != b and _same_tokens(rows[i], rows[j]):
            parent[max(a, b)] = min(a, b)
    return [root(i) for i in range(len(rows))]


def thefuzz_clusters(questions: list[str], threshold: int = 90) -> list[int]:
    """Return clusters by a plain threshold, as `thefuzz.process.dedupe` draws them; kept to compare with."""
    from thefuzz import fuzz as plain

    parent = list(range(len(questions)))
    for i in range(len(questions)):
        if parent[i] != i:
            continue
        for j in range(i + 1, len(questions)):
            if parent[j] == j and plain.token_set_ratio(questions[i], questions[j]) > threshold:
                parent[j] = i
    return parent


def matches(left: list[str], right: list[str]) -> list[tuple[int, int, str]]:
    """Return (left, right, kind) for every left question that asks what a right one asks, sorted.

    Kinds: `exact` (the same content words), `near` (by the guard), `contained` (one of at least five content words
    stands inside the other, word for word). Each pair has the first kind that fits.
    """
    rows, others = [normalise(text) for text in left], [normalise(text) for text in right]
    found: dict[tuple[int, int], str] = {}
    by_words: dict[Tokens, list[int]] = defaultdict(list)
    for j, row in enumerate(others):
        by_words[row].append(j)
    for i, row in enumerate(rows):
        found.update({(i, j): "exact" for j in by_words.get(row, ())})
    for i, j in _candidates(rows, others):
        if (i, j) not in found and _same_tokens(rows[i], others[j]):
            found[i, j] = "exact" if sorted(rows[i]) == sorted(others[j]) else "near"
    for i, j in _contained(rows, others):
        found.setdefault((i, j), "contained")
    return [(i, j, kind) for (i, j), kind in sorted(found.items())]


def _contained(rows: list[Tokens], others: list[Tokens]) -> Iterator[tuple[int, int]]:
    """Yield pairs of which one is inside the other; found by the first CONTAINED words of the shorter one."""
    for texts, parts, turned in ((rows, others, False), (others, rows, True)):
        starts: dict[Tokens, list[int]] = defaultdict(list)
        for index, part in enumerate(parts):
            if len(part) >= CONTAINED:
                starts[part[:CONTAINED]].append(index)
        for index, text in enumerate(texts):
            for place in range(len(text) - CONTAINED + 1):
                for number in starts.get(text[place : place + CONTAINED], ()):
                    if text[place : place + len(parts[number])] == parts[number]:
                        yield (number, index) if turned else (index, number)
