"""Manuals that no two facts share, and an edit of one of them of which it is known how many facts it touches."""

from pathlib import Path

PARTS = "pump valve filter sensor heater fan relay motor screen switch".split()
EDITED = 3  # facts that `edit` makes new: two changed, one added


def write(folder: Path, count: int, parts: int) -> None:
    """Fill a folder with as many manuals, each with two facts a part."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:03}.md").write_text(manual(number, parts))


def manual(number: int, parts: int) -> str:
    """Return a manual as Markdown: for each part a flag with its value, and a weight."""
    lines = [f"# Manual of the Aster {number} machine"]
    for place, part in enumerate(PARTS[:parts], 1):
        lines += [
            f"\n## The {part}\n",
            f"The flag --{part}-limit of Aster {number} sets the limit of the {part} to {number * 10 + place} units. "
            f"The {part} of the Aster {number} machine weighs {place * 3 + 1} grams.",
        ]
    return "\n".join(lines) + "\n"


def edit(file: Path) -> None:
    """Change two sentences of a manual and add a third one in front of all others."""
    text = file.read_text()
    head, body = text.split("## The pump\n\n")
    assert body.count("weighs 4 grams") == body.count("weighs 7 grams") == 1
    body = body.replace("weighs 4 grams", "weighs 5 grams").replace("weighs 7 grams", "weighs 8 grams")
    name = head.split(" of the ")[1].split(" machine")[0]
    added = f"The pump of the {name} machine runs at most 90 minutes without a pause. "
    file.write_text(f"{head}## The pump\n\n{added}{body}")
