"""Glob patterns on paths with slashes, the same for local files, files of a repository and paths of URLs."""

import re
from functools import lru_cache


def matches(path: str, pattern: str) -> bool:
    """Say whether a path matches a pattern as a whole.

    `*` and `?` stay within one folder, `**` crosses folders, `[abc]` and `[!abc]` are one character.
    """
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    found, at = "", 0
    while at < len(pattern):
        rest = pattern[at:]
        if rest.startswith("**/") and (at == 0 or pattern[at - 1] == "/"):
            found, at = found + "(?:.*/)?", at + 3
        elif rest.startswith("**"):
            found, at = found + ".*", at + 2
        elif group := re.match(r"\[(!?)(\]?[^\]/]*)\]", rest):
            letters = re.sub(r"([\\\[\]^&~|])", r"\\\1", group[2])
            found, at = found + f"[{'^/' if group[1] else ''}{letters}]", at + group.end()
        else:
            found, at = found + {"*": "[^/]*", "?": "[^/]"}.get(rest[0], re.escape(rest[0])), at + 1
    try:
        return re.compile(found, re.DOTALL)
    except re.error:  # such as the range [z-a]: then the brackets are ordinary letters
        return re.compile(re.escape(pattern))
