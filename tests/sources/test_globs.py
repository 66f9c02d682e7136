"""Globs: what they match."""

import pytest

from stages.sources.globs import matches


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.md", "*.md", True),
        ("x/a.md", "*.md", False),
        ("a.md", "**/*.md", True),
        ("x/y/a.md", "**/*.md", True),
        ("x/y/a.md", "x/**", True),
        ("x/y/a.md", "x/*", False),
        ("xay", "x?y", True),
        ("x/y", "x?y", False),
        ("b1", "[ab]1", True),
        ("b1", "[!ab]1", False),
        ("c1", "[!ab]1", True),
        ("a+b(1).md", "a+b(1).md", True),
        ("[z-a]", "[z-a]", True),
        ("a[", "a[", True),
        ("docs/a\nb", "docs/*", True),
    ],
)
def test_a_star_stays_in_its_folder_and_two_do_not(path, pattern, expected):
    assert matches(path, pattern) is expected
