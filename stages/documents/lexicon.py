"""What a word can be, its base form and its inflections, from dictionaries inside wheels; no model, no download."""

import functools
import importlib.util
import re
from pathlib import Path

from stages.documents import wordclasses as classes


@functools.cache
def lexicon() -> dict[str, str]:
    """Return the most likely tag of each word that TextBlob's lexicon holds; read without importing TextBlob."""
    package = importlib.util.find_spec("textblob")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("textblob is not installed")
    path = Path(package.submodule_search_locations[0], "en", "en-lexicon.txt")
    lines = path.read_text("utf-8").splitlines()
    read = (line.split(" ")[:2] for line in lines if line.count(" ") >= 1 and not line.startswith(";;;"))
    return {word: tag for word, tag in read} | classes.MOSTLY


def ordinary(word: str) -> bool:
    """Tell whether a word is English, or begins with a participle ("grouped-query"), and so is no product's name."""
    first, hyphen, _ = word.partition("-")
    return word in lexicon() or bool(hyphen) and first.endswith(("ed", "ing")) and first in lexicon()


@functools.lru_cache(1 << 18)
def in_dictionary(word: str) -> bool:
    """Tell whether a dictionary holds a lower-case word, as it is or in any inflection."""
    if word in lexicon() or word.capitalize() in lexicon():
        return True
    from lemminflect import getAllLemmas

    return bool(getAllLemmas(word))


@functools.lru_cache(20000)
def lemmas(word: str) -> dict[str, str]:
    """Return the base form of a word as VERB, NOUN, ADJ and ADV, as far as it can be one."""
    from lemminflect import getAllLemmas

    found = {kind: base[0] for kind, base in getAllLemmas(word).items()}
    if not found and (bare := re.match(r"(?:fine|pre|re|de|co|un|auto|cross|over|self|post|multi)-?(\w{4,})$", word)):
        inner = {kind: base[0] for kind, base in getAllLemmas(bare[1]).items()}
        found = {kind: word[: -len(bare[1])] + base for kind, base in inner.items()}
    if not found and re.search(r"(?:i[sz]|ify|ifi|[^aeiou]at)(?:e|es|ed|ing)$", word):
        found = {"VERB": re.sub(r"(?:es|ed|ing|e)$", "e", word)}
    return found | classes.LEMMAS.get(word, {})


@functools.lru_cache(20000)
def inflect(verb: str, tag: str) -> str:
    """Return a form of a verb by its Penn tag: VBZ, VBD, VBN, VBG; VB gives the base itself."""
    from lemminflect import getInflection

    if tag in ("VB", "VBP"):
        return verb
    bare = re.match(r"((?:fine|pre|re|de|co|un|auto|cross|over|self|post|multi)-?)(\w{3,})$", verb)
    forms = getInflection(verb, tag, inflect_oov=False)
    if not forms and bare and (inner := getInflection(bare[2], tag, inflect_oov=False)):
        forms = (bare[1] + inner[0],)
    return forms[0] if forms else _regular(verb, tag)


def _regular(verb: str, tag: str) -> str:
    if tag == "VBZ":
        if re.search(r"(?:s|x|z|ch|sh)$", verb):
            return verb + "es"
        return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"
    if tag == "VBG":
        return (verb[:-1] if verb.endswith("e") else verb) + "ing"
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else verb + "ed"


@functools.lru_cache(20000)
def possible(word: str) -> frozenset[str]:
    """Return the tags that a lower-case word can have, verbs and nouns above all."""
    found = set()
    kinds = lemmas(word)
    if base := kinds.get("VERB"):
        if word == base:
            found |= {"VB", "VBP"}
        if word.endswith("ing") and word != base:
            found.add("VBG")
        found |= {tag for tag in ("VBZ", "VBD", "VBN") if inflect(base, tag) == word}
        if word.endswith("ed") and word != base:
            found |= {"VBD", "VBN"}
    if base := kinds.get("NOUN"):
        found.add("NN" if base == word else "NNS")
    if "ADJ" in kinds:
        found.add("JJ")
    if "ADV" in kinds:
        found.add("RB")
    return frozenset(found)
