"""Closed word classes of English, and the words of technical text that the dictionaries of `tagging` lack."""

_LISTS = {
    "DT": "the a an this these those each every any some no another either neither both all",
    "PDT": "such half",
    "PRP": "i you he she it we they me him us them itself themselves yourself oneself",
    "PRP$": "my your his her its our their whose",
    "MD": "can could may might must shall should will would cannot can't couldn't won't wouldn't shouldn't mustn't",
    "CC": "and or but nor",
    "WDT": "which",
    "WP": "who whom what",
    "WRB": "how why where when",
    "TO": "to",
    "EX": "there",
    "VBZ": "is has does isn't hasn't doesn't",
    "VBP": "are am have do aren't haven't don't",
    "VBD": "was were had did wasn't weren't hadn't didn't",
    "VB": "be",
    "VBN": "been",
    "VBG": "being",
    "UH": "please",
    "RB": "not never also only just even still already always often usually then thus therefore however too very so "
    "instead again together n't currently typically generally either roughly approximately",
    "IN": "of in on at by for with from into onto about under over between among through during before after within "
    "without against across along around behind below beneath beside besides beyond despite except inside near off "
    "out outside since throughout toward towards until till up upon via per as than like unlike if unless because "
    "although though while whereas whether that once",
}
CLOSED = {word: tag for tag, words in _LISTS.items() for word in words.split()}
PREPOSITIONS = frozenset(
    "of in on at by for with from into onto about under over between among through during before after within without "
    "against across along around behind below beneath beside besides beyond despite except inside near off outside "
    "since throughout toward towards until till up upon via per as than like unlike".split()
)
BE = frozenset("is are was were am isn't aren't wasn't weren't".split())
HAVE = frozenset("has have had hasn't haven't hadn't having".split())
DO = frozenset("does do did doesn't don't didn't".split())
MODALS = frozenset(_LISTS["MD"].split())
FINITE = BE | (HAVE - {"having"}) | DO | MODALS
# What opens a clause with a finite verb of its own
OPENERS = frozenset(
    "that which who whose whom what how why where when if unless because although though while whereas whether".split()
)
NUMBERS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty fifty hundred "
    "thousand million billion trillion dozen".split()
)
MONTHS = frozenset("january february march april may june july august september october november december".split())
# A clause with "that" follows these
SAYING = frozenset("say show mean state note ensure report suggest indicate tell explain signal claim warn".split())
# A noun follows the "to" behind these
BEFORE_TO = frozenset(
    "due related compared according respect addition access similar prior contrary thanks applied switch comes leads "
    "exposed subject equal sent limited set".split()
)
# Verbs that tell a reader what to do
IMPERATIVES = frozenset(
    """
    accept activate add adjust allow append apply assign attach avoid build call change check choose click clone
    compare compile configure confirm connect consider convert copy create define delete deploy disable divide do
    download drop edit enable ensure enter evaluate execute export fetch fill find follow generate get give go import
    include increase initialise initialize insert install invoke keep launch leave let limit list load log look make
    measure merge mount move name note open override pass paste pick pin place point prefer prepare press provide pull
    push put query quote read reduce refer register remember remove rename replace report request reset restart restore
    return review revoke rotate run save scale schedule see select send serve set sign specify split start stop store
    submit switch tell test train treat try tune turn type uninstall unset update upgrade upload use validate verify
    view visit wait write
    """.split()
)
_VERBS = """
    finetune fine-tune quantize quantise checkpoint shard tokenize tokenise deserialize serialize preprocess
    postprocess containerize sanitise sanitize parallelize parallelise autoscale dedupe lint backport symlink leverage
    """.split()


def _forms(verb: str) -> list[str]:
    bare = verb.removesuffix("e")
    ending = "es" if verb.endswith(("ss", "x", "ch", "sh")) else "s"
    return [verb, verb + ending, bare + "ed", bare + "ing"]


# What the lexicon, made of newspapers, gets wrong
MOSTLY = {"token": "NN", "prompt": "NN", "default": "NN", "plugin": "NN", "cache": "NN", "key": "NN", "debug": "VB"}
LEMMAS: dict[str, dict[str, str]] = {form: {"VERB": verb} for verb in _VERBS for form in _forms(verb)}
for _noun in ("checkpoint", "shard", "symlink", "backport", "leverage"):
    LEMMAS[_noun] = {"VERB": _noun, "NOUN": _noun}
    LEMMAS[_noun + "s"] = {"VERB": _noun, "NOUN": _noun}
