"""What an encoder takes for the same: words tell which questions differ in more than wording."""

import pytest

from stages.quality.apart import told_apart


@pytest.mark.parametrize(
    ("left", "right", "apart"),
    [
        ("How large may a text be?", "What is the limit of a text?", False),
        ("What is the limit of Llama 7B?", "What is the limit of Llama 13B?", True),
        ("Does it run with a GPU?", "Does it run without a GPU?", True),
        ("How do I enable the limit?", "How do I disable the limit?", True),
        ("Can it not be used?", "Can it be used?", True),
        ("Why does the bandwidth of Velora grow?", "What is the reason that the bandwidth of Velora grows?", False),
        ("How do I remove the index of Velora?", "What do I need to do to delete the index of Velora?", False),
        ("Do I need to restart Velora?", "Is it required to reboot Velora?", False),
        ("How long is a job kept, 11 seconds?", "How long is a job kept, 11 months?", True),
        ("Where is the index of Velora stored?", "Where is the index of Marnix stored?", True),
        ("Is Velora Enterprise encrypted?", "Is Velora Mobile encrypted?", True),
        ("Who may rename the group?", "Who may rename the owner?", True),
        ("How do I approve the plan?", "How do I reject the plan?", True),
        ("Is the field visible?", "Is the field invisible?", True),
        ("Does it stop if the disk is full?", "Does it stop unless the disk is full?", True),
        ("How do I split the index?", "How do I split the index on Windows?", True),
        ("How do I store the modes?", "How do I temporarily store the modes?", True),
        ("Does Velora support Marnix?", "Does Marnix support Velora?", True),
        ("What does --debug change?", "What does --trace change?", True),
        ("???", "What does --trace change?", True),
        ("???", "!", False),
    ],
)
def test_what_no_paraphrase_changes_tells_questions_apart(left, right, apart):
    assert told_apart(left, right) == told_apart(right, left) == apart
