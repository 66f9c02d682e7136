"""A capable teacher's wordings: n asked for at once, the gates first, then the likeliest; never asked again."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from stages import disk
from stages.augment import main
from stages.augmenting.paraphrase import Plan, Teacher, best_first
from stages.llm.gateway import EndpointError
from stages.llm.replies import Replies
from stages.records import Pair, Reject
from tests.augmenting.family import CHUNKS, FACTS, PAIRS
from tests.endpoint import Endpoint, serving
from tests.teacher import counts_with

USED, RAIN = PAIRS[3], PAIRS[9]
WORDINGS = {
    USED.question: ["What purpose does Opal serve?", "What is Ruby used for?", "Which task does Opal do?", "Opal use"],
    RAIN.question: ["can Opal mow in the rain?", "Is Opal able to mow in the rain?"],
}


def says(messages: list[dict], sample: int) -> str:
    """Return the wordings of the question that is shown."""
    question = re.search(r"<question>\n(.*)\n</question>", messages[-1]["content"])[1]
    return json.dumps({"questions": WORDINGS[question]})


@pytest.fixture
def endpoint():
    with serving(Endpoint(says)) as server:
        yield server


def run(folder: Path, scorer: Path, url: str, *options: str) -> tuple[list[Pair], list[Reject]]:
    counts_with(scorer, folder / "cache")
    disk.write(folder / "split" / "train.jsonl", [USED, RAIN])
    for name in ("reworded", "held_out"):
        disk.write(folder / "split" / f"{name}.jsonl", [])
    disk.write(folder / "chunk" / "facts.jsonl", FACTS)
    disk.write(folder / "chunk" / "chunks.jsonl", CHUNKS)
    (folder / "faq.jsonl").write_text("")
    names = ("split", "chunk", "faq.jsonl", "teach", "out", "replies/augment.jsonl", "metrics/augment.json")
    args = [*(str(folder / name) for name in names), "--evaluation", str(folder / "none"), "--share", "1", "--forms",
            "paraphrase", "--model", "m", "--revision", "1", "--endpoint", "teacher", "--scorer",
            str(scorer), "--written", "0"]  # fmt: skip
    environment = {"FAQTUNE_CACHE": str(folder / "cache"), "FAQTUNE_ENDPOINTS__TEACHER__URL": url,
                   "FAQTUNE_ENDPOINTS__TEACHER__RETRIES": "0"}  # fmt: skip
    result = CliRunner(env=environment).invoke(main, [*args, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    made = [one for one in disk.read(folder / "out" / "pairs.jsonl", Pair) if one.form == "paraphrase"]
    return made, disk.read(folder / "out" / "rejected.jsonl", Reject)


def test_the_best_wording_past_the_gates_stays_and_every_other_one_has_its_reason(tmp_path, tiny_llama, endpoint):
    made, rejected = run(tmp_path, tiny_llama, endpoint.url)
    assert endpoint.calls == 2 and len(made) == 2
    of_use, of_rain = sorted(made, key=lambda one: one.parent)
    assert of_use.question in (WORDINGS[USED.question][0], WORDINGS[USED.question][2])
    assert (of_rain.question, of_rain.parent, of_rain.answer) == (WORDINGS[RAIN.question][1], RAIN.id, RAIN.answer)
    assert of_rain.model == "m@1" and of_rain.prompt
    reasons = {one.record["question"]: one.reason for one in rejected}
    assert reasons.pop("What is Ruby used for?") == "changed" and reasons.pop("Opal use") == "not_a_question"
    assert reasons.pop("can Opal mow in the rain?") == "same_again"
    assert set(reasons.values()) == {"outranked"} and len(reasons) == 1


def test_what_was_asked_is_not_asked_again_and_gives_the_same_bytes(tmp_path, tiny_llama, endpoint):
    run(tmp_path, tiny_llama, endpoint.url)
    before = [(tmp_path / name).read_bytes() for name in ("out/pairs.jsonl", "replies/augment.jsonl")]
    run(tmp_path, tiny_llama, "http://127.0.0.1:9/v1")
    assert before == [(tmp_path / name).read_bytes() for name in ("out/pairs.jsonl", "replies/augment.jsonl")]
    assert endpoint.calls == 2


def test_a_pair_whose_other_forms_come_first_asks_no_teacher(tmp_path, tiny_llama, endpoint):
    made, _ = run(tmp_path, tiny_llama, endpoint.url, "--forms", "polite", "--forms", "restated", "--per-pair", "1")
    assert endpoint.calls == len({one.parent for one in made}) <= 2


PLAN = Plan(samples=2, temperature=0.5, written_in="English", gain_weight=0.3, nll_penalty=3.0, seed=0)


def test_a_single_wording_that_passes_is_not_scored(tmp_path):
    wordings = {"p": [PAIRS[0], PAIRS[1]]}
    found = best_first(wordings, lambda one: one is PAIRS[1], None, PLAN, Replies(tmp_path / "ledger.jsonl"))
    assert found == {"p": [PAIRS[1], PAIRS[0]]}


def test_the_embedded_model_belongs_to_the_embedded_endpoint(tmp_path):
    with pytest.raises(EndpointError, match="set both"):
        Teacher("embedded", "main", "teacher", "embedded", tmp_path, PLAN, Replies(tmp_path / "ledger.jsonl"))
