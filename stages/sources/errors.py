"""The two ways in which a source can be wrong."""


def printable(text: str) -> str:
    """Return a text, such as a file name or what a server said, that does a terminal no harm: one line, no controls."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


class SourcesError(ValueError):
    """The run must stop: a manifest is wrong, or a document is not what was pinned. The message names the entry."""


class Unavailable(Exception):
    """One document cannot be had and is rejected; the others go through.

    Args:
        reason: in snake_case, for the reject record.
        message: one line that says what was found.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(printable(message))
        self.reason = reason
