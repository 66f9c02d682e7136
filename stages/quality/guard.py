"""The rule that decides whether two questions with the same words ask the same thing: what may change its place."""

from stages.quality.normal import OF, TO_DO, Tokens, without_marks

# What begins an adverbial or a clause that may stand before or behind the rest of a question
OPENERS = frozenset(
    "in on at with for by under over via through during before after when if while because without within using "
    "against as behind until since once unless where whenever inside outside between among per from to under".split()
)


def turned(left: Tokens, right: Tokens) -> bool:
    """Tell whether equal words in another order may ask something else.

    An adverbial or a clause may change its place with its neighbour ("In B, how does A work?", "To do B, which A is
    needed?"), and "B of A" may be "A B". All else is another question: from A to B, is A faster than B, does A
    support B.

    Args:
        left: words of a question, with marks among them.
        right: the same words in any order, marks aside.
    """
    one, other = without_marks(left), without_marks(right)
    if one == other:
        return False
    length = len(one)
    before = next(n for n in range(length) if one[n] != other[n])
    behind = next(n for n in range(length) if one[-1 - n] != other[-1 - n])
    of, to_do = _marked(left, OF), _marked(left, TO_DO) | _starts(one)
    of_other, to_do_other = _marked(right, OF), _marked(right, TO_DO)
    for start in range(before + 1):
        for end in range(length - behind, length + 1):
            for cut in range(start + 1, end):
                if one[cut:end] + one[start:cut] == other[start:end]:
                    turn = start + end - cut  # where the parts meet in the other one
                    if cut in of or turn in of_other or {start, cut} & to_do or {start, turn} & to_do_other:
                        return False
                    if _named(one[start:cut], one[cut:end]) or _named(one[cut:end], one[start:cut]):
                        return False
    return True


def _marked(words: Tokens, mark: str) -> set[int]:
    """Return the places of the words, among those that are no marks, that stand behind a mark."""
    found, place = set(), 0
    for word in words:
        if word == mark:
            found.add(place)
        place += word not in (OF, TO_DO)
    return found


def _named(name: Tokens, kind: Tokens) -> bool:
    """Tell whether a part is a flag and the other the noun that says so: "the flag --x", "the --x flag"."""
    return name[0].startswith("-") and len(kind) == 1


def _starts(words: Tokens) -> set[int]:
    return {place for place, word in enumerate(words) if word in OPENERS}
