"""The page adds up, says what is missing, and shows text that was meant to run as text."""

import base64
import gzip
import hashlib
import html
import json
import re
import shutil
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from stages import disk
from stages.records import (
    Answer,
    Chunk,
    Document,
    Evidence,
    Fact,
    Item,
    Message,
    Pair,
    Reject,
    Row,
    Section,
    content_id,
)
from stages.report import main
from stages.reporting import coverage, funnel
from stages.reporting.links import web

EVIL = "<script>alert(1)</script>"
PARAMS = "adapters:  # one entry an adapter\n  attention: {epochs: 3}\n  all-linear: {epochs: 6}\n"
SYSTEMS = ("base", "oracle", "all-linear", "attention")
SETS = ("trained", "reworded", "held_out", "faq", "unanswerable")
FACTS, WORDINGS = 30, 4


def pair(number: int, wording: int, **more: Any) -> Pair:
    document = "d0" if number < FACTS / 2 else "d1"
    quote = f"Model {number} was trained on {number + 2} trillion tokens of text."
    given = {
        "id": content_id("pair", number, wording),
        "question": f"How many trillion tokens has model {number}, asked in way {wording}?",
        "answer": quote,
        "facts": [f"f{number:02}"],
        "evidence": [Evidence(document=document, quote=quote, span=(0, len(quote)))],
        "source": f"{document}.md",
        "origin": "generated",
    }
    return Pair(**(given | more))


def rejects(folder: Path, stage: str, counts: dict[str, int], record: Any = None) -> int:
    """Write a stage's rejects; return how many."""
    some = [
        Reject(id=content_id(stage, reason, n), stage=stage, reason=reason, value=0.25, record=record)
        for reason, count in counts.items()
        for n in range(count)
    ]
    disk.write(folder / stage / "rejected.jsonl", some)
    return len(some)


def score(value: float, **more: Any) -> dict[str, Any]:
    return {"value": value, "low": round(value - 0.07, 4), "high": round(value + 0.06, 4), "n": 40} | more


def made(data: Path) -> Path:
    """Write a data folder as the pipeline leaves it: two documents, one fact without a pair, hostile texts."""

    def figures(stage: str, kept: int, rejected: dict[str, int], **more: Any) -> None:
        received = kept + sum(rejected.values())
        disk.write_json(data / "metrics" / f"{stage}.json", {"in": received, "kept": kept, "rejected": rejected} | more)

    def stage(name: str, kept: int, rejected: dict[str, int], record: Any = None, **more: Any) -> None:
        rejects(data, name, rejected, record)
        figures(name, kept, rejected, **more)

    stage("collect", 4, {"unsupported_type": 1}, {"path": "notes.xyz"})
    stage(
        "parse",
        3,
        {"unreadable": 1},
        {"path": "broken.pdf", "title": f"Broken {EVIL}", "source": "javascript:alert(2)"},
    )
    stage("filter", 2, {"near_identical": 1}, {"title": "A copy", "source": "copy.md"})
    stage("refine", 2, {})
    documents, chunks, facts = [], [], []
    for n, source in enumerate(("javascript:alert(3)", "https://example.org/models?a=1&b=2")):
        sections = [
            Section(heading=["Models", f"Part {part}"], text="Words of a section. " * 20, span=(0, 10))
            for part in range(2)
        ]
        title = f"Guide {n} {EVIL}"
        documents.append(
            Document(id=f"d{n}", source=source, sha256="0", title=title, licence="Apache-2.0", sections=sections)
        )
        for part in range(2):
            chunks.append(
                Chunk(id=f"c{n}{part}", document=f"d{n}", source=source, heading=["Models", f"Part {part}"],
                      header=title, text="t", span=(0, 1), tokens=1))  # fmt: skip
    for number in range(FACTS):
        n = int(number >= FACTS / 2)
        facts.append(
            Fact(id=f"f{number:02}", chunk=f"c{n}{number % 2}", document=f"d{n}", source=f"d{n}.md", topic="Models",
                 quote=pair(number, 0).answer, span=(number, number + 1)))  # fmt: skip
    disk.write(data / "refine" / "documents.jsonl", documents)
    disk.write(data / "chunk" / "chunks.jsonl", chunks)
    disk.write(data / "chunk" / "facts.jsonl", facts)
    stage("chunk", FACTS, {"too_short": 5, "pronoun": 3}, facts[0], documents=2)

    pairs = [pair(number, wording) for number in range(FACTS - 1) for wording in range(WORDINGS)]
    last = {"question": f"What of it? {EVIL}", "fact": f"f{FACTS - 1:02}"}
    stage("generate", len(pairs) + 30, {"dangling": 40, "gives_away": 7}, last, facts=FACTS)
    stage("curate", len(pairs) + 30, {}, None, dangling_before=9, dangling_after_repair=4)
    stage(
        "decide", len(pairs) + 10, {"ungrounded": 12, "low_gain": 8}, pair(3, 9), facts_covered=FACTS - 1,
        dangling_kept=0, labels=50,
    )  # fmt: skip
    hit = {"n_in": 40, "n_hit": 12, "rate": 0.3, "low": 0.2, "high": 0.4, "ratio": 1.0, "p": None, "more": False}
    tables = {"all": {"all": hit}, "source": {f"a.md {EVIL}": hit | {"ratio": 2.5, "more": True}, "b.md": hit}}
    alone = {"ungrounded": {"rejects": 14, "only": 11}, "dangling": {"rejects": 0, "only": 0}}
    wrongly = {name: {"valid": 40, "valid_rejected": count} for name, count in (("ungrounded", 2), ("any", 3))}
    agreement = {"judge": {"kappa": 0.31, "low": 0.1, "high": 0.5, "labels": 50, "trusted": False}}
    impact = {"gates": {"ungrounded": tables}, "alone": alone, "false_rejects": wrongly, "agreement": agreement}
    disk.write_json(data / "decide" / "filter_impact.json", impact)
    stage("dedup", len(pairs) + 4, {"near_duplicate": 6}, pair(4, 9))
    sets = {
        "held_out": [p for p in pairs if p.facts[0] < "f04"],
        "reworded": [p for p in pairs if p.facts[0] >= "f04" and p.question.endswith("0?")],
    }
    sets["train"] = [p for p in pairs if p not in sets["held_out"] and p not in sets["reworded"]]
    for name, members in sets.items():
        disk.write(data / "split" / f"{name}.jsonl", members)
    stage("split", len(pairs), {"leak_faq": 4}, pair(5, 9), sets={name: len(some) for name, some in sets.items()})
    children = [pair(int(p.facts[0][1:]), 100 + n, parent=p.id, form="terse") for n, p in enumerate(sets["train"])]
    disk.write(data / "augment" / "pairs.jsonl", sets["train"] + children)
    stage("augment", 2 * len(sets["train"]), {"ambiguous": 2}, pair(6, 9), parents=len(sets["train"]))

    def row(name: str, origin: str) -> Row:
        said = [Message(role="user", content="q")]
        return Row(id=content_id("row", name), pair=name, origin=origin, prompt=said, completion=said)

    rows = [row(p.id, "generated") for p in sets["train"] + children] + [row(f"r{n}", "refusal") for n in range(8)]
    disk.write(data / "mix" / "train.jsonl", rows)
    stage("mix", len(rows), {"over_refusal_cap": 5}, "What is the price?")

    for name, epochs in (("attention", 3), ("all-linear", 6)):
        lines = ["step,epoch,train,eval,learning_rate,grad_norm,tokens"]
        for step in range(1, 20 * epochs + 1):
            shown = f"{2.2 - 0.005 * step:.4f}" if step % 20 == 0 else ""
            lines.append(f"{step},{step / 20:.3f},{3 / (1 + step / 25) + 0.2 * (step % 3):.4f},{shown},1e-3,0.5,{step}")
        disk.write_bytes(data / "loss" / f"{name}.csv", ("\n".join(lines) + "\n").encode())
        seen = {
            "id": "r1",
            "tokens": 46,
            "masked": f"<|user|>\n{EVIL} What?",
            "labels": f"Two {EVIL}.<|end|>",
            "after": "",
        }
        disk.write_json(data / "loss" / f"{name}.json", [seen])
        loader = {"rows": len(rows), "tokens": 9876, "truncated": 0, "label_share": 0.3125, "padding_share": 0.048,
                  "shortest": 46, "median_length": 70.5, "p95_length": 124, "longest": 148}  # fmt: skip
        figures(f"train-{name}", len(rows), {}, loader=loader, parameters=921_600, steps=20 * epochs, train_loss=0.41,
                eval_loss=1.25, kept_step=20 * epochs, best_step=20 * epochs,
                overfit={"rows": 8, "steps": 16, "first_loss": 2.41, "loss": 0.035})  # fmt: skip

    level = {"base": 0.2, "oracle": 0.5, "attention": 0.3, "all-linear": 0.7}
    sheet: dict[str, Any] = {"differences": {}}
    answers = []
    for number, name in enumerate(SETS):
        names = [system for system in SYSTEMS if (name, system) != ("unanswerable", "oracle")]
        kinds = ["refusal"] if name == "unanswerable" else ["key_match", "refusal", "rouge_l", "token_f1"]
        sheet[name] = {system: {kind: score(level[system] - number / 50) for kind in kinds} for system in names}
        sheet["differences"][name] = {
            f"{system} - base": {
                kind: score(level[system] - 0.2, verdict="better" if system == "all-linear" else "no difference shown")
                for kind in kinds
            }
            for system in names if system != "base"
        }  # fmt: skip
        for item in range(9):
            for system in names:
                f1 = (item * 7 + len(system)) % 10 / 10
                answers.append(
                    Answer(
                        id=content_id("answer", name, item, system), item=f"i{item}", set=name, system=system,
                        question=f"{EVIL} What is [this](javascript:alert(4)) number {item}?",
                        reference="" if name == "unanswerable" else "Two <b>trillion</b> tokens of text.",
                        answer=f"It has {item} trillion & more <img src=x onerror=alert(5)> tokens, says {system}.",
                        scores={"refusal": 0.0} if name == "unanswerable" else {"token_f1": f1, "refusal": 0.0},
                    )
                )  # fmt: skip
    disk.write(data / "evaluate" / "answers.jsonl", answers)
    items = [
        Item(id=f"{name}-{n}", set=name, question=f"What of {name} {n}?", answer="") for name in SETS for n in range(9)
    ]
    disk.write(data / "evaluate" / "items.jsonl", items)
    rejects(data, "evaluate", {})
    figures("evaluate", len(answers), {}, systems=list(SYSTEMS), replies={"asked": 0}, **sheet)
    disk.write_json(data / "seconds.json", {"collect": 0.1, "generate": 812.3, "train-all-linear": 345.6})
    (data.parent / "params.yaml").write_text(PARAMS)
    return data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("project") / "data")


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    """Return a data folder that a test may spoil."""
    shutil.copytree(data.parent, tmp_path, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "data" / "report", ignore_errors=True)
    return tmp_path / "data"


def run(data: Path) -> Any:
    arguments = [str(data), str(data / "report"), "--params", str(data.parent / "params.yaml")]
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def page(data: Path) -> str:
    result = run(data)
    assert result.exit_code == 0, result.output
    return (data / "report" / "index.html").read_text()


def packed(page: str) -> dict[str, Any]:
    """Return the data of plots, answers and pairs."""
    (data,) = re.findall(r'id="data">(.*?)</script>', page)
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(data)))
    return found


class Seen(HTMLParser):
    """Notes every element with its attributes, and the text."""

    def __init__(self, page: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def test_hostile_text_is_shown_and_never_runs(page: str) -> None:
    seen = Seen(page)
    assert not seen.of("img", "iframe", "object", "embed", "link", "base")
    assert [script.get("type") for script in seen.of("script")] == ["application/octet-stream", None, None]
    assert not [name for _, attributes in seen.elements for name in attributes if name.startswith("on")]
    assert EVIL in seen.text and "javascript:alert(3)" in seen.text
    assert "onerror=alert(5)" in str(packed(page)["answers"]) and "onerror=alert(5)" not in page
    targets = [attributes.get("href") or "" for attributes in seen.of("a")]
    assert {target for target in targets if not target.startswith("#")} == {"https://example.org/models?a=1&b=2"}


def test_policy_allows_the_pages_own_scripts_and_style_and_nothing_else(page: str) -> None:
    policy = next(m["content"] for m in Seen(page).of("meta") if m.get("http-equiv") == "Content-Security-Policy")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import", page.split("<style>")[1].split("</style>")[0])


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JaVaScRiPt://x/%0aalert(1)", "data:text/html,x", "//host/x",
                                 "https:", "http://[", "file:///etc/passwd", " javascript:x", "", None])  # fmt: skip
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert web(url) == ""


def test_page_can_be_read_aloud_and_with_the_keyboard(page: str) -> None:
    seen = Seen(page)
    assert len(seen.of("h1")) == len(seen.of("main")) == len(seen.of("nav")) == 1
    assert len(seen.of("caption")) == len(seen.of("table"))
    assert all("scope" in attributes for attributes in seen.of("th"))
    assert all(attributes.get("aria-label") or attributes.get("aria-hidden") for attributes in seen.of("svg"))
    ids = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for a in seen.of("a") if str(a["href"]).startswith("#")} <= set(ids)
    levels = [int(tag[1]) for tag, _ in seen.elements if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_every_reason_is_counted_and_shown_with_at_most_three_examples(page: str, data: Path) -> None:
    text = " ".join(Seen(page).text.split())
    for reason in ("dangling 40", "gives away 7", "too short 5", "near duplicate 6", "over refusal cap 5"):
        assert reason in text
    steps = funnel.funnel(data)
    assert all(step.received == step.kept + step.rejected for step in steps)
    assert max(len(reason.examples) for step in steps if step.stage != "decide" for reason in step.reasons) == 3
    assert [len(reason.examples) for step in steps if step.stage == "decide" for reason in step.reasons] == [12, 8]


def test_funnel_says_how_a_stage_follows_from_the_one_before(data: Path) -> None:
    relations = {step.stage: step.relation for step in funnel.funnel(data)}
    assert relations["chunk"] == "= 2 documents × 19.0 statements"
    assert relations["augment"] == (
        "= 75 pairs for training (split kept 116: 16 held_out, 25 reworded are for evaluation) + 77 new forms of them"
    )
    assert relations["mix"] == "= 150 pairs that augment kept + 13 refusals and replay rows"


def test_the_funnel_tells_repeats(data: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(data, tmp_path / "data")
    figures = json.loads((copy / "metrics/mix.json").read_text())
    (copy / "metrics/mix.json").write_text(json.dumps(figures | {"repeats": 4}))
    relations = {step.stage: step.relation for step in funnel.funnel(copy)}
    assert relations["mix"] == "= 150 pairs that augment kept + 9 refusals and replay rows + 4 repeats"


@pytest.mark.parametrize(
    ("stage", "change", "told"),
    [
        ("decide", {"kept": 1}, "lost something or counted it twice"),
        ("dedup", {"in": 9, "kept": 3}, "9 pairs that came in, but 126 that decide kept"),
        ("chunk", {"documents": 7}, "7 documents that came in, but 2 that refine kept"),
        ("train-attention", {"in": 5, "kept": 5}, "5 rows that came in, but 158 that mix kept"),
        ("mix", {"in": 9, "kept": 4}, "fewer than the 150 that augment kept"),
        ("generate", {"rejected": {"dangling": 47}}, "they are of two runs"),
        ("parse", {"kept": None}, "expected a JSON object with in, kept and rejected"),
    ],
)
def test_books_that_do_not_balance_stop_the_page(own: Path, stage: str, change: dict[str, Any], told: str) -> None:
    path = own / "metrics" / f"{stage}.json"
    disk.write_json(path, json.loads(path.read_text()) | change)
    result = run(own)
    assert result.exit_code == 1 and told in result.output and stage.removeprefix("train-") in result.output


@pytest.mark.parametrize(
    ("file", "stage"),
    [
        ("metrics/filter.json", "filter"),
        ("decide/rejected.jsonl", "decide"),
        ("chunk/facts.jsonl", "chunk"),
        ("mix/train.jsonl", "mix"),
        ("loss/attention.csv", "train@attention"),
        ("loss/attention.json", "train@attention"),
        ("metrics/train-all-linear.json", "train@all-linear"),
        ("evaluate/answers.jsonl", "evaluate"),
        ("evaluate/items.jsonl", "evaluate"),
    ],
)
def test_missing_input_names_the_file_and_the_stage_to_run(own: Path, file: str, stage: str) -> None:
    (own / file).unlink()
    result = run(own)
    assert result.exit_code == 1
    assert str(own / file) in result.output and f"`dvc repro {stage}`" in result.output


def test_same_inputs_make_the_same_bytes_wherever_they_lie(page: str, own: Path) -> None:
    assert run(own).exit_code == 0
    assert (own / "report" / "index.html").read_text() == page
    assert str(own) not in page and time.strftime("%Y-%m-%d") not in page


def test_fact_without_a_pair_is_listed_with_where_it_was_lost(data: Path) -> None:
    rows, quarantined, uncovered = coverage.documents(data)
    assert [(one.quote, one.lost) for one in uncovered] == [
        ("Model 29 was trained on 31 trillion tokens of text.", "generate: dangling 40, gives_away 7")
    ]
    assert [len(row.coverage.covered) for row in rows] == [15, 14]
    first = rows[0].coverage.pairs
    assert (len(first["training"]), len(first["reworded"]), len(first["held_out"])) == (66, 11, 16)
    assert [(one.stage, one.reason) for one in quarantined] == [
        ("collect", "unsupported_type"), ("parse", "unreadable"), ("filter", "near_identical")]  # fmt: skip


def test_parameters_are_compared_with_the_last_commit_in_which_they_were_others(own: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", str(own.parent), *words], check=True
        )

    def shown() -> str:
        assert run(own).exit_code == 0
        section = (own / "report" / "index.html").read_text().split('id="parameters"')[1].split("<details>")[0]
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", section)).split())

    assert "There is no earlier commit" in shown()
    params = own.parent / "params.yaml"
    git("init", "-q")
    git("add", "data/metrics/evaluate.json")
    for epochs, subject in ((4, "first"), (3, f"second {EVIL}")):
        params.write_text(PARAMS.replace("epochs: 3", f"epochs: {epochs}"))
        git("add", "params.yaml")
        git("commit", "-qm", subject)
    assert re.search(r"with \w+, .* first .* adapters.attention.epochs 4 3$", shown())
    params.write_text(PARAMS.replace("epochs: 6", "epochs: 5"))
    told = shown()
    assert f"second {EVIL} ." in told and told.endswith("adapters.all-linear.epochs 6 5")
    evaluated = disk.read_json(own / "metrics" / "evaluate.json")
    evaluated["reworded"]["all-linear"]["token_f1"] = {"value": 0.125, "low": 0.0625, "high": 0.25, "n": 9}
    disk.write_json(own / "metrics" / "evaluate.json", evaluated)
    assert re.search(r"all-linear.token_f1_reworded 0.\d\d \(0.\d\d to 0.\d\d\) 0.12 \(0.06 to 0.25\) Closed", shown())


def test_a_fact_with_hand_written_wordings_only_is_told_apart(own: Path) -> None:
    for file in ("augment/pairs.jsonl", "split/reworded.jsonl", "split/held_out.jsonl"):
        some = disk.read(own / file, Pair)
        disk.write(own / file, [msgspec.structs.replace(p, form="written") if p.facts == ["f10"] else p for p in some])
    rows, _, uncovered = coverage.documents(own)
    assert [(len(row.coverage.covered), len(row.coverage.written)) for row in rows] == [(15, 1), (14, 0)]
    assert [one.lost for one in uncovered] == [
        "no question was asked; hand-written wordings are trained", "generate: dangling 40, gives_away 7"]  # fmt: skip
    assert run(own).exit_code == 0
    text = " ".join(Seen((own / "report" / "index.html").read_text()).text.split())
    assert "28 of 30 facts have a pair in training or evaluation; 1 more are covered only by" in text


def test_differences_are_told_in_words_with_interval_and_verdict(page: str) -> None:
    text = " ".join(Seen(page).text.split())
    assert "all-linear is 0.50 above base in token F1 (+0.43 to +0.56): ▲ better" in text
    assert "attention is 0.10 above base in refusal rate (+0.03 to +0.16): ≈ no difference shown" in text
    assert "Gap closed" not in text


def test_gap_closed_is_shown_where_it_was_measured(own: Path) -> None:
    path = own / "metrics" / "evaluate.json"
    gap = {"reworded": {"all-linear": {"token_f1": score(1.67)}}}
    disk.write_json(path, json.loads(path.read_text()) | {"gap_closed": gap})
    assert run(own).exit_code == 0
    assert "Gap closed: (tuned - base) / (oracle - base)" in (own / "report" / "index.html").read_text()


def test_scores_without_a_value_and_unknown_metrics_are_no_obstacle(own: Path) -> None:
    path = own / "metrics" / "evaluate.json"
    known = json.loads(path.read_text())
    known["faq"]["base"]["token_f1"] = {"value": None, "low": None, "high": None, "n": 0}
    known["general"] = {"base": {"exact_match": score(0.4)}}
    known["held_out"] = {}
    disk.write_json(path, known)
    assert run(own).exit_code == 0
    page = (own / "report" / "index.html").read_text()
    assert "exact match by set and system" in page
    assert [row["set"] for row in packed(page)["plots"]["score-exact_match"]["data"]["values"]] == ["general"]
    assert ("faq", "base") not in {
        (r["set"], r["system"]) for r in packed(page)["plots"]["score-token_f1"]["data"]["values"]
    }


def test_the_page_says_what_each_gate_did_and_whom_it_hit(own: Path) -> None:
    assert run(own).exit_code == 0
    text = " ".join(
        re.sub(
            r"<[^>]+>", " ", (own / "report" / "index.html").read_text().split('id="gates"')[1].split("</section>")[0]
        ).split()
    )
    assert "ungrounded 12 of 40 30.0 %" in text and " 14 11 " in text
    assert "12 of 40, 2.5 times the rate of all" in text and "b.md" not in text
    assert "2 of 40 5.0 % (1.4–16.5)" in text and "all gates together reject 3 of 40 (2.6 to 19.9 %)." in text
    assert "agrees with 50 labels by a Cohen’s kappa of 0.31 (0.10 to 0.50) and rejects nothing" in text
    assert "Rejected nothing: dangling" in text
    assert "before repair 9 of" in text and "after repair 4 of" in text and "after rejection 0 of" in text


def test_the_impact_of_another_version_names_the_stage_to_run(own: Path) -> None:
    disk.write_json(own / "decide" / "filter_impact.json", {"gates": {}})
    result = run(own)
    assert result.exit_code == 1 and "filter_impact.json" in result.output and "dvc repro decide" in result.output


def training_section(data: Path) -> str:
    result = run(data)
    assert result.exit_code == 0, result.output
    return (data / "report" / "index.html").read_text().split('id="training"')[1].split("</section>")[0]


def speeds(data: Path, name: str, steps: int, tokens: int = 1) -> None:
    lines = ["step,seconds,tokens,tokens_per_second", *(f"{n},0.5,{tokens},{200 + n}.0" for n in range(1, steps + 1))]
    disk.write_bytes(data / "speed" / f"{name}.csv", ("\n".join(lines) + "\n").encode())


def drawn(data: Path) -> dict[str, Any]:
    result = run(data)
    assert result.exit_code == 0, result.output
    plots: dict[str, Any] = packed((data / "report" / "index.html").read_text())["plots"]
    return plots


def test_losses_of_all_adapters_are_in_one_plot(own: Path) -> None:
    rows = drawn(own)["Loss"]["data"]["values"]
    lines = {(row["name"], row["kind"]): [r for r in rows if (r["name"], r["kind"]) == (row["name"], row["kind"])]
             for row in rows}  # fmt: skip
    assert list(lines) == [("attention", "training"), ("attention", "held-out"), ("all-linear", "training"),
                           ("all-linear", "held-out")]  # fmt: skip
    assert [len(lines[name, "held-out"]) for name in ("attention", "all-linear")] == [3, 6]
    assert lines["attention", "held-out"][-1] == {"name": "attention", "kind": "held-out", "epoch": 3, "value": 1.9}


def test_a_ring_shows_where_an_adapter_was_kept_before_the_last_step(own: Path) -> None:
    assert len(drawn(own)["Loss"]["layer"]) == 2 and "a ring:" not in training_section(own)
    path = own / "metrics" / "train-all-linear.json"
    disk.write_json(path, json.loads(path.read_text()) | {"kept_step": 80, "best_step": 80})
    ring = drawn(own)["Loss"]["layer"][2]["data"]["values"]
    assert ring == [{"name": "all-linear", "epoch": 4.0, "value": 1.8}]
    assert "a ring: the adapter of this step was kept" in training_section(own)


def test_speed_is_shown_where_it_was_measured_and_of_this_run(own: Path) -> None:
    speeds(own, "all-linear", steps=120)
    rows = drawn(own)["Tokens a second"]["data"]["values"]
    assert {row["name"] for row in rows} == {"all-linear"} and (rows[0]["value"], rows[-1]["value"]) == (201.5, 319.5)
    assert 'data-plot="Tokens a second"' in training_section(own)
    speeds(own, "all-linear", steps=119)
    assert "Tokens a second" not in drawn(own) and "Tokens a second" not in training_section(own)
    speeds(own, "all-linear", steps=120, tokens=2)
    assert "Tokens a second" not in drawn(own)


def test_self_test_of_the_loader_is_told_for_each_adapter(own: Path) -> None:
    path = own / "metrics" / "train-attention.json"
    known = json.loads(path.read_text())
    disk.write_json(path, {key: value for key, value in known.items() if key != "overfit"})
    text = " ".join(re.sub(r"<[^>]+>", " ", training_section(own)).split())
    for told in ("Tokens 9,876", "31.2 %", "4.8 %", "148 95 % up to 124, median 70.5, shortest 46", "not asked",
                 "16 steps 8 rows, loss 2.41 to 0.035"):  # fmt: skip
        assert told in text


def test_rows_are_shown_as_the_model_saw_them_and_once_if_all_saw_the_same(own: Path) -> None:
    section = training_section(own)
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert (
        section.count("<pre") == 1 and f"&lt;|user|&gt;\n{evil} What?<mark>Two {evil}.&lt;|end|&gt;</mark>" in section
    )
    path = own / "loss" / "attention.json"
    disk.write_json(path, [json.loads(path.read_text())[0] | {"labels": "Three."}])
    section = training_section(own)
    assert section.count("<pre") == 2 and "<mark>Three.</mark>" in section and "<h4>all-linear</h4>" in section


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("loss/attention.csv", "step,train\n1,2.0\n", "run `dvc repro train@attention` again"),
        ("loss/attention.csv", "step,epoch,train,eval,learning_rate,grad_norm,tokens\n1,1,x,,1,1,1\n", "attention.csv"),
        ("loss/attention.json", '[{"id": "r1"}]', "run `dvc repro train@attention` again"),
        ("loss/attention.json", "[", "attention.json"),
        ("speed/attention.csv", "step,seconds\n1,2\n", "remove the file"),
    ],
)
def test_curves_of_another_version_name_the_file_and_what_to_do(own: Path, file: str, text: str, told: str) -> None:
    disk.write_bytes(own / file, text.encode())
    result = run(own)
    assert result.exit_code == 1 and file in result.output and told in result.output
