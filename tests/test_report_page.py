"""The report in a browser without a network: plots, filters and search work, and no text of a document runs."""

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from stages import disk
from stages.records import Answer, Evidence, Pair
from tests.browser import Tab, opened
from tests.test_report import EVIL, made, run

IMAGE = "<img src=x onerror=alert(6)>"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with its report; among its pairs is one whose every text is hostile."""
    data = made(tmp_path_factory.mktemp("project") / "data")
    file = data / "augment" / "pairs.jsonl"
    first, *others = disk.read(file, Pair)
    hostile = msgspec.structs.replace(
        first, question=f"Hostile {EVIL}?", answer=f"An image: {IMAGE}", topic=f"{EVIL} topic",
        link="javascript:alert(7)",
        evidence=[Evidence(document="d0", quote=f"{IMAGE} quoted", span=(0, 1))],
    )  # fmt: skip
    disk.write(file, [hostile, *others])
    result = run(data)
    assert result.exit_code == 0, result.output
    return data


def visit(tab: Tab, data: Path) -> Page:
    tab.page.goto((data / "report" / "index.html").resolve().as_uri())
    tab.page.wait_for_function("document.documentElement.dataset.ready !== undefined")
    return tab.page


@pytest.fixture
def tab(browser: Browser, data: Path) -> Any:
    with opened(browser) as tab:
        visit(tab, data)
        yield tab
        assert tab.errors == []
        assert len(tab.requests) == 1, "the page asks for nothing but itself"


def state(page: Page, name: str, told: str) -> str:
    """Wait until the state of a list tells this, and return all of it."""
    page.wait_for_function("([id, told]) => document.getElementById(id).textContent.includes(told)",
                           arg=[f"{name}-state", told])  # fmt: skip
    return page.locator(f"#{name}-state").inner_text()


def test_every_plot_is_drawn_when_it_comes_into_view(tab: Tab) -> None:
    page = tab.page
    for summary in page.locator("#scores summary").all():
        summary.click()
    plots = page.locator("[data-plot]")
    assert plots.count() > 8
    for plot in plots.all():
        plot.scroll_into_view_if_needed()
        plot.locator(".drawing[aria-label] svg").wait_for()
    assert page.locator("[data-plot] svg").count() == plots.count()
    assert page.locator("[data-plot=Loss] svg path").count() > 4


def test_a_click_on_what_a_stage_rejected_opens_its_examples(tab: Tab) -> None:
    examples = tab.page.locator("#decide-ungrounded")
    assert examples.get_attribute("open") is None
    tab.page.locator("[data-plot=funnel]").scroll_into_view_if_needed()
    tab.page.locator('[data-plot=funnel] path[aria-label*="bar: decide"][aria-label*="what: ungrounded"]').click()
    assert examples.get_attribute("open") is not None


def test_wins_and_losses_are_those_of_the_scores(tab: Tab, data: Path) -> None:
    f1: dict[tuple[str, str], dict[str, float]] = {}
    for one in disk.read(data / "evaluate" / "answers.jsonl", Answer):
        f1.setdefault((one.set, one.item), {})[one.system] = one.scores.get("token_f1", one.scores["refusal"])
    much = [by["all-linear"] - by["base"] for (name, _), by in f1.items() if name == "faq"]
    wins, losses = sum(value > 0.1 for value in much), sum(value < -0.1 for value in much)
    assert wins and losses
    page = tab.page
    page.locator("#answers-form [name=set]").select_option("faq")
    told = state(page, "answers", "9 of 45 items")
    assert f"all-linear against base: {wins} wins, {losses} losses, {9 - wins - losses} ties" in told
    page.locator("#answers-form [name=show]").select_option("losses")
    state(page, "answers", f"{losses} of 45 items")
    assert page.locator("#answers-list > li").count() == losses
    assert page.locator("#answers-list .verdict.bad").count() == losses
    page.locator("#answers-form [name=other]").select_option("attention")
    assert "all-linear against attention" in state(page, "answers", "against attention")


def test_pairs_are_filtered_and_searched_with_counts(tab: Tab) -> None:
    page = tab.page
    fate, text = page.locator("#pairs-form [name=fate]"), page.locator("#pairs-form [name=text]")
    assert "training (150)" in fate.inner_text() and "rejected by decide (20)" in fate.inner_text()
    every = state(page, "pairs", "pairs")
    fate.select_option("=rejected by decide")
    state(page, "pairs", "20 of")
    fate.select_option("*")
    text.fill("model 7,")
    exact = state(page, "pairs", "matches")
    page.locator("#pairs-form [name=regular]").check()
    text.fill(r"model \d,")
    page.wait_for_function("old => document.getElementById('pairs-state').textContent !== old", arg=exact)
    found = re.match(r"(\d+) of .* pairs, (\d+) matches", state(page, "pairs", "matches"))
    assert found and int(found[1]) > int(exact.split()[0]) and int(found[2]) >= int(found[1])
    assert page.locator("#pairs-list mark").first.inner_text().startswith("model ")
    text.fill("model (")
    assert "Invalid regular expression" in state(page, "pairs", "Invalid")
    text.fill("")
    assert state(page, "pairs", every) == every
    shown = page.locator("#pairs-list > li").count()
    page.locator("#pairs-more").press("Enter")
    assert page.locator("#pairs-list > li").count() == 2 * shown


def test_hostile_texts_are_shown_as_text(tab: Tab) -> None:
    page = tab.page
    page.locator("#pairs-form [name=text]").fill("hostile")
    state(page, "pairs", "1 of")
    card = page.locator("#pairs-list > li").first
    for told in (EVIL, IMAGE, f"{EVIL} topic"):
        assert told in card.inner_text()
    assert card.locator("script, img, a").count() == 0
    assert EVIL in page.locator("#answers-list").inner_text() and page.locator("#answers-list img").count() == 0
    assert page.evaluate("[...document.links].every((a) => ['http:', 'https:', 'file:'].includes(a.protocol))")


def test_an_event_handler_that_came_into_the_page_would_not_run(tab: Tab) -> None:
    tab.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=alert(8)>')")
    tab.page.wait_for_timeout(200)
    assert any("Content Security Policy" in error for error in tab.errors)
    assert not any("dialog" in error for error in tab.errors)
    tab.errors.clear()


@pytest.mark.parametrize("dark", [False, True])
def test_a_narrow_screen_needs_no_scrolling_sideways(browser: Browser, data: Path, dark: bool) -> None:
    with opened(browser, width=390, dark=dark) as tab:
        page = visit(tab, data)
        for plot in page.locator("[data-plot]:visible").all():
            plot.scroll_into_view_if_needed()
            plot.locator(".drawing[aria-label] svg").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert tab.errors == []


def test_without_scripts_the_tables_are_there_and_the_page_says_what_is_missing(browser: Browser, data: Path) -> None:
    with opened(browser, java_script_enabled=False) as tab:
        tab.page.goto((data / "report" / "index.html").resolve().as_uri())
        assert "need JavaScript" in tab.page.locator("noscript").inner_text()
        assert tab.page.locator("#funnel table").is_visible()


def test_every_control_has_a_label(tab: Tab) -> None:
    unnamed = "els => els.filter((e) => !e.labels.length && !e.textContent).map((e) => e.outerHTML)"
    assert tab.page.eval_on_selector_all("select, input, button:not([hidden])", unnamed) == []


def test_many_pairs_are_sampled_and_the_page_says_so(
    browser: Browser, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stages.reporting.pairs.pairs.__defaults__", (50,))
    own = shutil.copytree(data.parent, tmp_path / "own") / "data"
    assert run(own).exit_code == 0
    with opened(browser) as tab:
        page = visit(tab, own)
        of = json.loads((data / "metrics" / "split.json").read_text())["sets"]
        whole = of["reworded"] + of["held_out"] + 2 * of["train"] + 20 + 6 + 4 + 2
        assert f"50 of 50 pairs (a random sample of {whole})" in state(page, "pairs", "pairs")


def test_the_page_of_five_thousand_pairs_stays_below_three_megabytes(data: Path, tmp_path: Path) -> None:
    own = shutil.copytree(data.parent, tmp_path / "own") / "data"
    chance = random.Random(0)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(5_000)]
    some = [
        Pair(id=f"{n:016x}", question=" ".join(chance.choices(words, k=12)) + "?", facts=["f00"], source="d0.md",
             answer=" ".join(chance.choices(words, k=20)), origin="generated")
        for n in range(5_000)
    ]  # fmt: skip
    disk.write(own / "augment" / "pairs.jsonl", some)
    assert run(own).exit_code == 0
    assert 1_500_000 < (own / "report" / "index.html").stat().st_size < 3_000_000
