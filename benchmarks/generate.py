"""What does the stage's care cost when it asks, how much is asked twice of the server, and what comes of a token?

    python benchmarks/generate.py [--quick] [--teach FOLDER]

1. Throughput: the requests of the stage generate, asked by its gateway (journal, ledger, claims, pace) and by a bare
   loop of the openai client at the same endpoint, calls and order, by turns. `throughput_ratio` is the stage's divided
   by the loop's, the median of the rounds, of the worst case: a scripted endpoint in a process of its own with the
   latency of a hosted one, and the embedded model, started anew for each run.
2. Prefix cache: the share of prompt tokens that the embedded server had evaluated before, in the stage's order
   (`prefix_cache_share`) and in a random one.
3. Accepted pairs for 1,000 tokens of prompts and replies: the stage with the parameters of params.yaml, and
   synthetic-data-kit, on the same documents, the same embedded model, through the same gates of curate.

`--teach` is the question writer of the embedded model; without one it is shown examples. The last line is one JSON
object; null: not installed, or not run with --quick.
"""

import json
import os
import random
import tempfile
from pathlib import Path
from statistics import median

import click
from asking import accepted, bare, peers
from asking.endpoint import process

from stages import disk
from stages.llm import embedded, gateway, generation, questions
from stages.llm.prompts import Example
from stages.llm.replies import Replies
from stages.records import Fact

DOCUMENTS = Path("data/sources/documents")
CHOSEN = ("prompt-format.md", "inference.md", "download-weights.md", "custom-datasets.md")
SECONDS = 0.1  # what the scripted endpoint takes for a call, on average
SLOTS = 8  # of the embedded server, and samples of one prompt that it takes in a call
QUICK = ["--shots", "2"]  # what makes a small run of the stage
QUICKER = "--samples 1 --top-up 0 --multi-hop 0".split()  # where it goes on to scoring
MANY = ["--samples", "16"]  # for the scripted endpoint, where a run would be over in a second
SCRIPTED = (8, 32)  # calls at once at the scripted endpoint


@click.command(help=__doc__.split("\n")[0] if __doc__ else None)
@click.option("--quick", is_flag=True, help="Few requests, one document: under a minute.")
@click.option("--teach", default="data/teach", type=click.Path(path_type=Path), help="Folder of the question writer.")
def main(quick: bool, teach: Path) -> None:
    """Measure, print the tables and the figures."""
    with tempfile.TemporaryDirectory() as name:
        workspace = Path(name)
        cache = workspace / "cache"
        cache.mkdir()
        if Path(".cache/models").exists():  # or the embedded model is converted first
            (cache / "models").symlink_to(Path(".cache/models").absolute())
        os.environ["FAQTUNE_CACHE"] = str(cache)
        os.environ["FAQTUNE_EMBEDDED__SLOTS"] = str(SLOTS)
        knobs = QUICK if quick else []
        accepted.prepare([DOCUMENTS / file for file in CHOSEN], workspace / "all")
        facts = disk.read(workspace / "all/chunk/facts.jsonl", Fact)
        requests, model = asked(facts, teach, workspace, knobs)
        many, _ = asked(facts, teach, workspace, [*knobs, *MANY])
        print(f"{len(facts)} facts, {len(requests)} requests, {'with' if model.adapter else 'without'} question writer")
        figures = {"requests": len(requests), "writer": model.adapter is not None}
        figures |= throughput(requests, many, model, quick)
        if quick:
            accepted.prepare([DOCUMENTS / CHOSEN[0]], workspace / "one")
        figures |= yields(workspace / ("one" if quick else "all"), teach, quick)
    print(json.dumps(figures))


def asked(
    facts: list[Fact], teach: Path, workspace: Path, knobs: list[str]
) -> tuple[list[gateway.Request], gateway.Model]:
    """Return what the stage asks about the facts in its first round, and whom."""
    import stages.generate

    words = [workspace, accepted.EXAMPLES, teach, workspace, workspace / "none", workspace / "none"]
    command = [str(word) for word in (*words, *accepted.options("generate"), *knobs)]
    given = stages.generate.main.make_context("generate", command).params
    replies = Replies(workspace / "none", workspace / "none.sqlite")
    run = generation.Run(teach, disk.read(accepted.EXAMPLES, Example), given, replies)
    asked = [fact for fact in facts if fact.question is None]
    return [request for _, _, request in questions.requests(asked, run.who, run.plan)], run.who.teacher


def throughput(requests: list[gateway.Request], many: list[gateway.Request], model: gateway.Model, quick: bool) -> dict:
    """Measure throughput (`many`: at the scripted endpoint) and prefix cache; print and return the figures."""
    print(f"\n{'endpoint':18}{'at once':>8}{'requests':>9}{'stage, 1/s':>12}{'loop, 1/s':>11}{'ratio':>8}   rounds")
    ratios: dict[str, float] = {}
    for at_once in SCRIPTED[: 1 if quick else None]:
        few = many[:80] if quick else many
        with process(SECONDS) as url:
            server = bare.Server(url, at_once)
            turn(requests[:8], model, server, 0)  # or the first one pays for the imports
            rounds = [turn(few, model, server, number) for number in range(2 if quick else 5)]
        ratios[f"scripted, {at_once}"] = show(f"scripted {SECONDS} s", at_once, few, rounds)
    few = requests[:8] if quick else requests[:200]
    rounds = []
    for number in range(1 if quick else 3):
        rounds.append(turn(few, model, None, number))
    ratios["embedded"] = show("embedded", SLOTS, few, rounds)
    calls = bare.grouped(few, model, SLOTS)
    random.Random(0).shuffle(calls)
    with embedded.serve(**adapter(model)) as url:
        mixed = bare.bare(calls, model, bare.Server(url, SLOTS, SLOTS, SLOTS))
    share = round(median(bare.cache_share(ours) for ours, _ in rounds), 4)
    print(f"prompt tokens from the prefix cache: {share:.1%} in the stage's order, {bare.cache_share(mixed):.1%} in a "
          f"random one (of {mixed.prompt} in {len(calls)} calls)")  # fmt: skip
    return {
        "throughput_ratio": min(ratios.values()),
        "throughput_ratios": ratios,
        "prefix_cache_share": share,
        "prefix_cache_share_random": bare.cache_share(mixed),
    }


def adapter(model: gateway.Model) -> dict[str, Path]:
    """Return the argument that loads the question writer, if there is one."""
    return {"adapter": model.adapter_file} if model.adapter_file else {}


def turn(
    requests: list[gateway.Request], model: gateway.Model, server: bare.Server | None, number: int
) -> tuple[bare.Run, bare.Run]:
    """Return a round, (stage, loop); the loop comes first every other time. Without a server a new one for each."""

    def run(by_stage: bool, server: bare.Server) -> bare.Run:
        if by_stage:
            return bare.stage(requests, model, server)
        return bare.bare(bare.grouped(requests, model, server.per_call), model, server)

    found = {}
    for by_stage in (True, False) if number % 2 == 0 else (False, True):
        if server:
            found[by_stage] = run(by_stage, server)
        else:
            with embedded.serve(**adapter(model)) as url:
                found[by_stage] = run(by_stage, bare.Server(url, SLOTS, SLOTS, SLOTS))
    return found[True], found[False]


def show(name: str, at_once: int, requests: list[gateway.Request], rounds: list[tuple[bare.Run, bare.Run]]) -> float:
    """Print a line of the table; return the ratio."""
    count = len(set(map(repr, requests)))
    ours, loop = (count / median(one[which].seconds for one in rounds) for which in (0, 1))
    ratio = bare.ratio(rounds)
    each = " ".join(f"{two.seconds / one.seconds:.3f}" for one, two in rounds)
    print(f"{name:18}{at_once:8}{count:9}{ours:12.2f}{loop:11.2f}{ratio:8.3f}   {each}")
    return ratio


def yields(workspace: Path, teach: Path, quick: bool) -> dict:
    """Measure what comes of the tokens; print and return the figures."""
    ours = accepted.ours(workspace, teach, QUICK + QUICKER if quick else [])
    try:
        theirs = accepted.theirs(workspace, 128 if quick else peers.ANSWERS)
    except peers.PeerError as error:
        print(f"synthetic-data-kit: {error}")
        theirs = {}
    print(f"\n{'tool':24}{'accepted':>9}{'tokens':>9}{'per 1,000':>11}")
    for name, found in {"faqtune": ours, "synthetic-data-kit": theirs}.items():
        if found:
            print(f"{name:24}{found['accepted']:9}{found['tokens']:9}{found['per_1000'] or 0:11.3f}")
    both = ours["tokens"] + ours["tokens_scored"]
    print(f"faqtune: of its pairs {ours['by_model']} are the model's, the others are made by rule; with the scorer's "
          f"{ours['tokens_scored']} tokens {1000 * ours['accepted'] / both:.3f} per 1,000")  # fmt: skip
    return {
        "pairs_per_1000_tokens": ours["per_1000"],
        "pairs_per_1000_tokens_scored": round(1000 * ours["accepted"] / both, 3),
        "pairs_per_1000_tokens_sdk": theirs.get("per_1000"),
        "pairs": {"faqtune": ours, "synthetic-data-kit": theirs or None},
    }


if __name__ == "__main__":
    main()
