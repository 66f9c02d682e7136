"""A few training pairs about an invented product: enough for every form that is made by rule."""

from stages.records import Chunk, Evidence, Fact, Pair

HEAD = Evidence(document="d", quote="| Model | Weight | Licence |\n| --- | --- | --- |", span=(0, 9))
TOLD = [  # identity, rule, question, statement, names
    ("f0", "definition", "What is Opal?", "Opal is a robot that mows lawns without a wire.", ["Opal"]),
    ("f1", "does", "What does the flag --dry do?", "The flag --dry prints all steps without a motor.", ["--dry"]),
    ("f2", "does", "What does the flag --quiet do?", "The flag --quiet turns off the beeper of Opal 7.", ["--quiet"]),
    ("f3", "purpose", "What is Opal used for?", "Opal is used for mowing lawns of 900 square metres.", ["Opal"]),
    ("f4", "when", "When was Opal released?", "Opal was released in the spring of 2021.", ["Opal"]),
    ("f5", "where", "Where is the log of Opal stored?", "The log of Opal is stored in the folder /var/opal.", ["Opal"]),
    ("f6", "cell", "What is the weight of Opal 7?", "Opal 7 – Weight: 12 kg; Licence: MIT.", ["Opal 7"]),
    ("f7", "cell", "What is the weight of Opal 13?", "Opal 13 – Weight: 19 kg; Licence: MIT.", ["Opal 13"]),
    ("f8", "condition", "What should I do if the battery of Opal is hot?", "If the battery of Opal is hot, wait.",
     ["Opal"]),
    ("f9", "may", "Can Opal mow in the rain?", "Opal can mow in the rain, but not in snow.", ["Opal"]),
    ("fa", "which", "Which sensor does Opal need in the dark?", "In the dark, Opal needs the sensor OS-4.", ["Opal"]),
]  # fmt: skip


def fact(identity: str, says: str, names: list[str]) -> Fact:
    """Return a fact; a table's row stands below its head."""
    row = " – Weight: " in says
    cells = says.replace(" – Weight: ", " | ").replace("; Licence: ", " | ").rstrip(".")
    quote = f"| {cells} |" if row else says
    return Fact(id=identity, chunk="c", document="d", source="s", topic="Opal", quote=quote, span=(0, len(quote)),
                concepts=names, statement=says if row else None, support=[HEAD] if row else [])  # fmt: skip


def pair(identity: str, form: str, question: str, says: str, names: list[str], split: str = "train") -> Pair:
    """Return the pair of a fact."""
    of = fact(identity, says, names)
    evidence = [Evidence(document="d", quote=of.quote, span=of.span), *of.support]
    return Pair(id=f"p-{identity}", question=question, answer=says, facts=[identity], evidence=evidence, source="s",
                topic="Opal", concepts=names, origin="generated", form=form, split=split)  # fmt: skip


FACTS = [fact(identity, says, names) for identity, _, _, says, names in TOLD]
PAIRS = [pair(*told) for told in TOLD]
CHUNKS = [Chunk(id="c", document="d", source="s", heading=[], header="Opal", text=" ".join(f.quote for f in FACTS),
                span=(0, 1), tokens=9)]  # fmt: skip
