"""Decide: thresholds on stored scores, people over all gates, conflicts for nobody to choose in silence."""

import json
import subprocess
import sys

import msgspec
import pytest
from click.testing import CliRunner

from stages import disk, records
from stages.curation import gates
from stages.curation.conflicts import Conflict
from stages.curation.measure import Context, measure
from stages.curation.people import Ruling
from stages.curation.review import Doubt
from stages.curation.scored import Labelled, Opinion, Scored
from stages.decide import main
from stages.records import Evidence, Pair

QUOTE = "Falcon needs 14 GB of memory and was made in Abu Dhabi."


def scored(identity, question="How much memory does Falcon need?", answer="Falcon needs 14 GB of memory.", **scores):
    evidence = [Evidence(document="d", quote=QUOTE, span=(0, len(QUOTE)))]
    one = Pair(id=identity, question=question, answer=answer, facts=[f"f-{identity}"], source="s", topic="Falcon",
               origin="generated", evidence=evidence, scores=scores)  # fmt: skip
    return measure(one, Context(known=f"Falcon\n{QUOTE}"))


def given(folder, pairs, labels=(), opinions=(), of_labels=()):
    """Write what decide reads; return its arguments."""
    for name, records_ in (("curate/pairs", pairs), ("curate/labels", labels), ("judge/pairs", opinions),
                           ("judge/labels", of_labels)):  # fmt: skip
        disk.write(folder / f"{name}.jsonl", records_)
    return [str(folder / name) for name in ("curate", "judge", "decisions.jsonl", "out", "metrics/decide.json")]


def run(folder, pairs, *options, rulings=(), code=0, **more):
    args = given(folder, pairs, **more)
    (folder / "decisions.jsonl").write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in rulings))
    result = CliRunner().invoke(main, [*args, *options])
    assert result.exit_code == code, result.output
    if code:
        return result.output
    metrics = json.loads((folder / "metrics/decide.json").read_text())
    assert metrics["in"] == metrics["kept"] + sum(metrics["rejected"].values())
    kept = {one.id: one for one in disk.read(folder / "out/pairs.jsonl", Pair)}
    return kept, {one.id: one for one in disk.read(folder / "out/rejected.jsonl", records.Reject)}, metrics


MEMORY = scored("a", rank=2.0)
PLACE = scored("b", "Where was Falcon made?", "Falcon was made in Abu Dhabi.", rank=0.9)
WRONG = scored("c", "How much disk does Falcon need?", "Falcon needs 15 GB of memory.", rank=1.0)


def test_the_first_gate_names_the_reason_and_a_new_threshold_changes_the_decision(tmp_path):
    kept, rejected, metrics = run(tmp_path, [MEMORY, PLACE, WRONG])
    assert set(kept) == {"a", "b"} and kept["a"].decision.kept
    assert (rejected["c"].reason, rejected["c"].value) == ("ungrounded", "15 GB")
    assert rejected["c"].record["decision"]["reason"] == "ungrounded" and rejected["c"].record["found"]
    assert metrics["facts_covered"] == 2 and metrics["dangling_kept"] == 0
    kept, rejected, _ = run(tmp_path, [MEMORY, PLACE, WRONG], "--min-rank", "1")
    assert set(kept) == {"a"} and rejected["b"].reason == "low_rank"


def test_people_stand_over_all_gates_and_their_file_is_left_alone(tmp_path):
    rulings = [
        Ruling(id="a", decision="reject", who="ann", why="too trivial"),
        Ruling(id="c", decision="accept", who="bo"),
        Ruling(id="b", decision="edit", who="ann", question="In which city was Falcon made?"),
        Ruling(id="gone", decision="accept", who="bo"),
    ]
    kept, rejected, metrics = run(tmp_path, [MEMORY, PLACE, WRONG], rulings=rulings)
    assert (rejected["a"].reason, rejected["a"].value) == ("rejected_by_person", "ann: too trivial")
    assert kept["c"].decision.reason == "accepted by bo"
    [edited] = [one for one in kept.values() if one.parent == "b"]
    assert (edited.question, edited.answer, edited.origin) == (rulings[2].question, PLACE.answer, "reviewer")
    assert edited.evidence == PLACE.evidence and edited.facts == PLACE.facts
    assert (metrics["decisions"], metrics["decisions_unmatched"]) == (3, 1)
    before = (tmp_path / "decisions.jsonl").read_bytes()
    run(tmp_path, [MEMORY, PLACE, WRONG], rulings=rulings)
    assert (tmp_path / "decisions.jsonl").read_bytes() == before


def test_a_decision_on_a_pair_holds_after_it_was_mended(tmp_path):
    mended = msgspec.structs.replace(MEMORY, id="new", parent="a")
    kept, rejected, _ = run(tmp_path, [mended], rulings=[Ruling(id="a", decision="reject", who="ann")])
    assert kept == {} and rejected["new"].reason == "rejected_by_person"


def test_an_edit_that_makes_a_pair_twice_is_told(tmp_path):
    twin = msgspec.structs.replace(MEMORY, id="twin", question="How much memory does Falcon take?")
    rulings = [Ruling(id=one, decision="edit", who="x", question="How much RAM does Falcon need?")
               for one in ("a", "twin")]  # fmt: skip
    assert "the edit of the pair twin" in run(tmp_path, [MEMORY, twin], rulings=rulings, code=1)


@pytest.mark.parametrize(
    ("rulings", "told"),
    [
        (
            [Ruling(id="a", decision="accept", who="x"), Ruling(id="a", decision="reject", who="x")],
            "two decisions of x",
        ),
        ([Ruling(id="a", decision="edit", who="x")], "expected a question or an answer"),
        ([Ruling(id="a", decision="accept", who="x", answer="No.")], "and with nothing else"),
        ([Ruling(id="a", decision="edit", who="x", answer=" ")], "empty question or answer"),
    ],
)
def test_a_decision_that_is_none_names_its_pair(tmp_path, rulings, told):
    output = run(tmp_path, [MEMORY], rulings=rulings, code=1)
    assert told in output and "pair a" in output and "decisions.jsonl" in output


def test_what_reviewers_agree_on_holds_and_what_they_do_not_goes_by_the_gates(tmp_path):
    rulings = [
        Ruling(id="a", decision="reject", who="ann", why="trivial"),
        Ruling(id="a", decision="reject", who="bo", why="nobody asks"),
        Ruling(id="b", decision="edit", who="ann", question="In which city was Falcon made?"),
        Ruling(id="b", decision="edit", who="bo", question="In which city was Falcon made?", answer=PLACE.answer),
        Ruling(id="c", decision="accept", who="bo"),
        Ruling(id="c", decision="reject", who="ann"),
    ]
    kept, rejected, metrics = run(tmp_path, [MEMORY, PLACE, WRONG], rulings=rulings)
    assert (rejected["a"].reason, rejected["a"].value) == ("rejected_by_person", "ann, bo: trivial; nobody asks")
    [edited] = kept.values()
    assert edited.parent == "b" and edited.decision.reason == "edited by ann, bo"
    assert rejected["c"].reason == "ungrounded", "as if nobody had decided"
    queue = [msgspec.json.decode(line, type=Doubt) for line in (tmp_path / "out/queue.jsonl").open("rb")]
    assert [(one.id, one.why, one.uncertainty, one.kept) for one in queue] == [("c", "reviewers", 1.0, False)]
    told = metrics["reviewers"]
    assert (told["pairs"], told["agree"], told["disputed"]) == (3, 2, 1) and told["low"] < told["kappa"] < told["high"]
    assert (metrics["decisions"], metrics["decisions_unmatched"]) == (2, 0)
    other = [one for one in rulings if one.who == "ann"]
    assert run(tmp_path, [MEMORY, PLACE, WRONG], rulings=other)[2]["reviewers"] is None


def test_a_disputed_pair_comes_before_a_conflict(tmp_path):
    other = scored("0", "How much memory does Falcon need?", "Falcon was made in Abu Dhabi.", rank=1.0)
    rulings = [Ruling(id="b", decision="accept", who="ann"), Ruling(id="b", decision="reject", who="bo")]
    kept, _, _ = run(tmp_path, [MEMORY, PLACE, other], rulings=rulings)
    queue = [msgspec.json.decode(line, type=Doubt) for line in (tmp_path / "out/queue.jsonl").open("rb")]
    assert [(one.id, one.why) for one in queue] == [("b", "reviewers"), ("0", "conflict"), ("a", "conflict")]
    assert set(kept) == {"b"} and kept["b"].decision.reason is None


def test_an_unknown_decision_names_file_line_and_field(tmp_path):
    args = given(tmp_path, [MEMORY])
    (tmp_path / "decisions.jsonl").write_text('{"id": "a", "decision": "perhaps", "who": "x"}\n')
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 1 and "decisions.jsonl, line 1" in result.output and "decision" in result.output


def test_one_question_with_two_answers_is_kept_by_nobody_until_a_person_chooses(tmp_path):
    other = scored("z", "How much memory does Falcon need?", "Falcon was made in Abu Dhabi.", rank=1.0)
    kept, rejected, metrics = run(tmp_path, [MEMORY, PLACE, other])
    assert set(kept) == {"b"} and metrics["conflicts"] == 1
    assert {one: rejected[one].value for one in rejected} == {"a": "z", "z": "a"}
    [conflict] = disk.read(tmp_path / "out/conflicts.jsonl", Conflict)
    assert [pair.id for pair in conflict.pairs] == ["a", "z"]
    queue = [msgspec.json.decode(line, type=Doubt) for line in (tmp_path / "out/queue.jsonl").open("rb")]
    assert [(one.id, one.why) for one in queue[:2]] == [("a", "conflict"), ("z", "conflict")]
    kept, rejected, _ = run(tmp_path, [MEMORY, PLACE, other], rulings=[Ruling(id="a", decision="accept", who="ann")])
    assert set(kept) == {"a", "b"} and rejected["z"].reason == "conflict"


def test_yes_and_no_are_two_answers(tmp_path):
    yes = scored("y", "Can Falcon be used offline?", "Falcon can be used in Abu Dhabi.")
    no = scored("n", "Can Falcon be used offline?", "Falcon can not be used in Abu Dhabi.")
    accepted = [Ruling(id=one, decision="accept", who="ann") for one in ("y", "n")]
    assert run(tmp_path, [yes, no], rulings=accepted)[2]["conflicts"] == 1


def test_an_answer_that_says_more_than_another_is_no_conflict(tmp_path):
    longer = scored("z", "How much memory does Falcon need?", "Falcon needs 14 GB of memory and was made in Abu Dhabi.")
    assert set(run(tmp_path, [MEMORY, longer])[0]) == {"a", "z"}


def test_the_queue_has_the_doubtful_first_and_no_clear_case(tmp_path):
    near = scored("n", "Which city was Falcon made in?", "Falcon was made in Abu Dhabi.", rank=0.4)
    sure = scored("s", "Which place was Falcon made in?", "Falcon was made in Abu Dhabi.", rank=-9.0)
    run(tmp_path, [MEMORY, PLACE, WRONG, near, sure])
    queue = [msgspec.json.decode(line, type=Doubt) for line in (tmp_path / "out/queue.jsonl").open("rb")]
    assert queue[0].id == "n" and not queue[0].kept and queue[0].why == "rank"
    assert [one.uncertainty for one in queue] == sorted((one.uncertainty for one in queue), reverse=True)
    assert "c" not in [one.id for one in queue], "a wrong number is no matter of doubt"
    run(tmp_path, [MEMORY, PLACE, WRONG, near, sure], "--review", "1")
    assert len((tmp_path / "out/queue.jsonl").read_bytes().splitlines()) == 1


def test_the_impact_says_whom_each_gate_rejects_and_what_it_rejects_alone(tmp_path):
    both = scored("d", "How much disk does it need?", "Falcon needs 15 GB of memory.", rank=-1.0)
    run(tmp_path, [MEMORY, PLACE, WRONG, both])
    impact = json.loads((tmp_path / "out/filter_impact.json").read_text())
    assert impact["alone"]["ungrounded"] == {"rejects": 2, "only": 1}
    everyone = impact["gates"]["ungrounded"]["all"]["all"]
    assert everyone["n_hit"] >= 1 and everyone["low"] <= everyone["rate"] <= everyone["high"]
    assert set(impact["gates"]["ungrounded"]) >= {
        "source",
        "heading",
        "question_words",
        "origin",
        "dialect",
        "identity",
    }


def test_a_judge_rejects_only_where_labels_bear_it_out(tmp_path):
    labels = [Labelled(**{name: getattr(MEMORY, name) for name in Scored.__struct_fields__ if name != "id"},
                       id=f"l{n:02}", valid=n % 2 == 0, who="ann") for n in range(60)]  # fmt: skip
    agrees = [Opinion(id=one.id, scores={"judge": float(one.valid)}) for one in labels]
    low = [Opinion(id="a", scores={"judge": 0.25}, said="clarity: odd"), Opinion(id="b", scores={"judge": 0.75})]
    kept, rejected, metrics = run(tmp_path, [MEMORY, PLACE], opinions=low, labels=labels, of_labels=agrees)
    assert set(kept) == {"b"} and (rejected["a"].reason, rejected["a"].value) == ("judge", 0.25)
    assert rejected["a"].record["found"]["judge"] == "clarity: odd" and metrics["judged"] == 2
    assert metrics["agreement"]["judge"]["trusted"] and metrics["agreement"]["judge"]["labels"] == 60
    impact = json.loads((tmp_path / "out/filter_impact.json").read_text())
    assert impact["agreement"] == metrics["agreement"] and impact["false_rejects"]["judge"]["valid"] == 30
    more = {"opinions": low, "labels": labels, "of_labels": agrees}
    assert set(run(tmp_path, [MEMORY, PLACE], "--min-mark", "0.2", **more)[0]) == {"a", "b"}
    assert set(run(tmp_path, [MEMORY, PLACE], "--min-kappa", "1", **more)[0]) == {"a", "b"}
    guesses = [Opinion(id=one.id, scores={"judge": float(n % 3 == 0)}) for n, one in enumerate(labels)]
    kept, _, metrics = run(tmp_path, [MEMORY, PLACE], opinions=low, labels=labels, of_labels=guesses)
    assert set(kept) == {"a", "b"} and not metrics["agreement"]["judge"]["trusted"]
    assert kept["a"].scores["judge"] == 0.25, "annotated"
    kept, _, metrics = run(tmp_path, [MEMORY, PLACE], opinions=low)
    assert set(kept) == {"a", "b"} and metrics["agreement"] == {} and metrics["labels"] == 0


def test_the_defaults_of_the_options_are_those_of_the_gates():
    defaults = {option.name: option.default for option in main.params}
    of = gates.Thresholds()
    assert {name: defaults[name] for name in of.__struct_fields__} == msgspec.structs.asdict(of)


def test_a_new_threshold_loads_no_model():
    code = "import sys, stages.decide; print([m for m in ('torch', 'transformers', 'openai') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
