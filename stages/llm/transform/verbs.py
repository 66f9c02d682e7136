"""Verbs by how one asks after what they say, and the nouns of technical things."""

# What follows these is what is told: "What does X contain?"
TELLS = frozenset(
    """
    accept contain include hold offer provide support require need expect cover record measure define specify
    say state describe explain mean check forbid prohibit encompass comprise feature receive return print
    produce generate list recommend demand determine define indicate represent signify involve improve
    reduce prevent detect identify store track judge show request contain grant permit implement replace remove
    add enable activate select filter protect ensure lose carry highlight describe outline
    """.split()
)

# A tool does these; "What does X do?" is asked of it
DOES = frozenset(
    """
    activate add adjust apply block build cache call change check clean clear collect combine compile compress
    compute configure convert copy create cut delete detect determine disable download drop enable encrypt
    enforce ensure evaluate execute expose extract fetch filter force format forward freeze generate group
    import improve increase index initialise initialize insert install install join judge launch limit list load
    lock log lower make mark measure merge mix monitor mount move normalise normalize open override overwrite
    pack pad parse pick predict prepare prevent print process protect prune pull push quantise quantize read
    rebuild record reduce remove rename render replace report reset resize resolve restart restore return
    rewrite rotate route run save scan schedule select send serialise serialize serve set shard show shuffle
    skip sort speed split start stop store stream strip suppress switch sync synchronise tell tokenise tokenize
    track transform translate trigger trim try truncate turn unlock update upload validate verify wait warn wrap
    write
    """.split()
)

TOOL_DOES = frozenset(
    """
    protect filter convert check detect split compress monitor scan validate track wrap replace group evaluate
    load cache predict keep translate measure schedule encrypt reduce improve handle
    """.split()
)

KINDS = (
    "flag option argument parameter command script module function variable setting file tool method environment "
    "header field endpoint key property value class plugin extension package library dataset benchmark model server "
    "service operator hook event token directory strategy policy format algorithm protocol technique"
).split()

MAKERS = frozenset(
    """
    publish release develop create found invent maintain design introduce write propose announce
    """.split()
)

WITH_PREPOSITION = {
    "depend": "on", "consist": "of", "stand": "for", "refer": "to", "rely": "on", "belong": "to", "build": "on",
    "focus": "on", "specialise": "in", "specialize": "in", "point": "to", "lead": "to", "result": "in", "apply": "to",
    "vary": "", "come": "", "begin": "with", "start": "with", "end": "with", "connect": "to",
    "contribute": "to", "run": "on", "listen": "on", "account": "for", "correspond": "to",
}  # fmt: skip

HELPS = frozenset(
    """
    enable disable improve reduce keep avoid prevent increase speed activate convert turn protect filter detect
    check measure monitor scan compress switch load store save select set cut send override skip limit download
    create generate track start stop restart remove add install change print show list delete clear export
    import merge split build deploy run record log write validate update upgrade encrypt sort resize render
    """.split()
)

CHANGES = frozenset("remove add change replace drop introduce delete bring".split())

VAGUE = frozenset("provide offer grant require recommend support include add store use".split())
# What is no deed: "What does X do?" is not asked after these
NO_DEED = frozenset(
    """
    mean take need require cost depend involve be have include begin start vary become remain seem
    """.split()
)
# "What causes ...?" is asked of these
CAUSES = frozenset("govern cause trigger speed violate require need determine prevent ensure".split())
