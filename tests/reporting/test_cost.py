"""What a run took, as far as it is known on this machine."""

from pathlib import Path

from stages import disk
from stages.reporting.cost import Spent, spent


def test_seconds_replies_and_cost_of_each_stage(tmp_path: Path):
    disk.write_json(tmp_path / "seconds.json", {"chunk": 2.5, "generate": 150.9})
    usage = {"actual": {"calls": 3, "cost": 0.25, "prompt_tokens": 1, "completion_tokens": 1}}
    disk.write_json(tmp_path / "usage.json", {"generate": usage})
    lines = (
        b'{"id":"a","value":{"text":"x","usage":{"prompt":100,"completion":14}}}\n{"id":"b","value":{"usage":null}}\n'
    )
    disk.write_bytes(tmp_path / "replies/generate.jsonl", lines)
    disk.write_bytes(tmp_path / "replies/evaluate.jsonl", b'{"id":"c","value":"An answer."}\n')
    assert spent(tmp_path, ["chunk", "generate", "mix", "evaluate"]) == [
        Spent("chunk", 2.5, None, None, None, None),
        Spent("generate", 150.9, 2, 3, 114, 0.25),
        Spent("evaluate", None, 1, None, None, None),
    ]


def test_nothing_is_known_where_nothing_ran(tmp_path: Path):
    assert spent(tmp_path, ["chunk", "generate"]) == []
