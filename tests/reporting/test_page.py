"""Documents beside a plot are told apart, whatever they are called."""

from types import SimpleNamespace

import pytest

from stages.reporting.page import LABEL, labels

LONG = "A title that is longer than there is room for "


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        (["Model Details", "FAQ", "Model Details"], ["1. 0.md", "FAQ", "3. 2.md"]),
        ([f"{LONG}1", f"{LONG}2", "x" * LABEL], ["1. 0.md", "2. 1.md", "x" * LABEL]),
        (["y" * 41], [f"{'y' * 40}…"]),
        ([], []),
    ],
)
def test_titles_that_are_not_one_documents_alone_give_way_to_its_file(titles, told):
    found = labels([SimpleNamespace(title=title, source=f"{n}.md") for n, title in enumerate(titles)])
    assert found == told and len(set(found)) == len(found)
