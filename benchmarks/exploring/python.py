"""Plain Python's answers: one line after the other, one process."""

import json
import sys
from collections.abc import Iterator

from exploring import asked


def main(question: str, file: str) -> None:
    """Answer one question about a file."""

    def rows() -> Iterator[dict[str, str]]:
        with open(file, encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    if question == "counts":
        print(json.dumps(asked.counts((row["question"], row["answer"]) for row in rows())))
    else:
        field = "question" if question == "duplicates" else "answer"
        print(json.dumps(getattr(asked, question)(row[field] for row in rows())))


if __name__ == "__main__":
    main(*sys.argv[1:])
