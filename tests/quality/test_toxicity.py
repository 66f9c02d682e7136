import pytest

from stages.quality import toxicity
from stages.records import Document, Section


@pytest.mark.parametrize(
    "text",
    [
        "Kill the process and its children before you restart the server.",
        "Merge it into the master branch, and point the slave replica at the new primary.",
        "Pass a dummy value and abort if the job cannot execute; a dumb terminal will hang.",
        "A crippled build dies with a fatal error; strip the binary and blow away the cache.",
        "Execute the penetration test, then kill zombie children and reap orphans.",
        "I am a gay man, and she is a black Muslim woman with a disability.",
        "Whether breast cancer screening works, the study cannot tell.",
        "Shitake mushrooms grow in Scunthorpe; brainfuck is a programming language.",
        "",
    ],
)
def test_technical_talk_and_identity_are_not_flagged(text):
    assert toxicity.count(text) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Only an idiot would do this.", 1), ("SHUT\nUP, you moron!", 2), ("Bullshit.", 1), ("What a piece of shit.", 1)],
)
def test_insults_are_counted(text, expected):
    assert toxicity.count(text) == expected


def test_a_document_is_flagged_with_its_count_beside_its_other_flags():
    sections = [
        Section(heading=["For idiots"], text="An idiot wrote it.", span=(0, 18)),
        Section(heading=[], text="Good text.", span=(20, 30), question="Who is the moron?"),
    ]
    document = Document(id="a", source="a", sha256="0", title="T", sections=sections, flags={"other": 1})
    assert toxicity.flags(document) == {"other": 1, "toxic_terms": 3}
    assert toxicity.flags(Document(id="a", source="a", sha256="0", title="T", sections=[])) == {}
