"""Generate: what a structured FAQ file asks is a pair as it stands, and no model is needed for it."""

import json
import subprocess
import sys

from stages import records
from stages.records import Chunk, Fact, Pair


def test_an_item_of_a_faq_file_becomes_a_pair_without_a_question_to_the_teacher(tmp_path):
    url = "https://example.org/faq#free"
    fact = Fact(id="f", chunk="c", document="d", source="faq.csv", topic="FAQ", quote="Yes, it is.", span=(0, 11),
                question="Is it free?")  # fmt: skip
    chunk = Chunk(id="c", document="d", source="faq.csv", heading=[], header="FAQ", text="Yes, it is.", span=(0, 11),
                  url=url, tokens=4)  # fmt: skip
    records.write(tmp_path / "chunk" / "facts.jsonl", [fact])
    records.write(tmp_path / "chunk" / "chunks.jsonl", [chunk])
    arguments = [tmp_path / "chunk", "data/sources/examples.jsonl", tmp_path / "out", tmp_path / "ledger.jsonl",
                 tmp_path / "metrics" / "generate.json"]  # fmt: skip
    code = (
        "import sys; from stages.generate import main; main(sys.argv[1:], standalone_mode=False); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, capture_output=True)
    (pair,) = records.read(tmp_path / "out" / "pairs.jsonl", Pair)
    assert (pair.question, pair.answer, pair.facts, pair.origin) == ("Is it free?", "Yes, it is.", ["f"], "seed")
    assert (pair.link, pair.evidence[0].span, pair.model) == (url, (0, 11), None)
    metrics = json.loads((tmp_path / "metrics" / "generate.json").read_text())
    assert (metrics["in"], metrics["kept"], metrics["seeds"], metrics["facts_covered"]) == (1, 1, 1, 1)
