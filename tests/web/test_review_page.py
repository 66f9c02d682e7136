"""The reviewer in a browser: keys decide, what was decided survives a restart, and no text of a document runs."""

import re

import pytest
from playwright.sync_api import Page, expect

from stages.curation.people import Ruling
from stages.records import Evidence
from tests.browser import opened
from tests.reviewing.folder import (
    HOSTILE,
    LINES,
    MEMORY,
    PLACE,
    TOKENS,
    WRONG,
    decided,
    document,
    kept,
    made,
    pair,
    write,
    written,
)
from tests.web.served import reviewing


def question(page: Page, text: str) -> None:
    expect(page.locator("#question")).to_have_text(text)


def nothing(page: Page, text: str) -> None:
    expect(page.locator("#nothing")).to_be_visible()
    expect(page.locator("#nothing")).to_have_text(text)


def place(page: Page, text: str) -> None:
    expect(page.locator("#progress-text")).to_have_text(text)


def said(page: Page, text: str) -> None:
    expect(page.locator("#said")).to_contain_text(text)


def test_accept_edit_undo_restart_and_resume(browser, tmp_path):
    data = made(tmp_path)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How much memory does Falcon need?")
        assert "token" not in page.url
        place(page, "Pair 1 of 4 · 0 of 4 decided")
        expect(page.locator("mark")).to_have_text(LINES[0])
        page.keyboard.press("a")
        said(page, "Accepted.")
        question(page, "How many tokens does Falcon read?")
        place(page, "Pair 1 of 3 · 1 of 4 decided")
        page.keyboard.press("e")
        expect(page.locator("#edit-question")).to_be_focused()
        page.locator("#edit-question").fill("How many tokens can Falcon read at once, a or r?")
        page.keyboard.press("Control+Enter")
        said(page, "Edited.")
        question(page, "Where was Falcon made?")
        assert [(one["id"], one["decision"]) for one in written(data)] == [(MEMORY, "accept"), (TOKENS, "edit")]
        assert written(data)[1]["question"] == "How many tokens can Falcon read at once, a or r?"
        page.keyboard.press("u")
        said(page, "Undone.")
        question(page, "How many tokens does Falcon read?")
        assert [one["id"] for one in written(data)] == [MEMORY]
        assert not tab.errors
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How many tokens does Falcon read?")
        place(page, "Pair 1 of 3 · 1 of 4 decided")
        page.keyboard.press("u")  # of the first run
        question(page, "How much memory does Falcon need?")
        assert written(data) == []
        expect(page.locator("#undo")).to_be_disabled()
        page.keyboard.press("a")
        said(page, "Accepted.")
        page.keyboard.press("e")
        page.locator("#edit-answer").fill("Falcon reads 2,048 tokens.")
        page.locator("#save").click()
        said(page, "Edited.")
        assert not tab.errors
    found = kept(decided(data))
    [edited] = [one for one in found.values() if one.origin == "reviewer"]
    assert (edited.parent, edited.answer) == (TOKENS, "Falcon reads 2,048 tokens.")
    assert found[MEMORY].decision.reason == "accepted by ann"


def test_a_reason_is_given_by_a_number_in_words_or_not_at_all(browser, tmp_path):
    data = made(tmp_path)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How much memory does Falcon need?")
        page.keyboard.press("r")
        page.keyboard.press("Escape")
        assert written(data) == []
        page.keyboard.press("r")
        page.keyboard.press("2")
        said(page, "Rejected: not understood alone.")
        page.keyboard.press("r")
        page.locator("#why").fill("asks u and r, 2")
        page.keyboard.press("Enter")
        said(page, "Rejected: asks u and r, 2.")
        question(page, "Where was Falcon made?")
        page.keyboard.press("r")
        page.keyboard.press("r")
        said(page, "Rejected.")
        question(page, "How much disk does Falcon need?")
        page.keyboard.press("r")
        page.keyboard.press("Enter")  # the first button has the focus
        nothing(page, "Nothing is left in this queue.")
        assert {one["id"]: one.get("why") for one in written(data)} == {
            MEMORY: "not understood alone", TOKENS: "asks u and r, 2", PLACE: None, WRONG: None,
        }  # fmt: skip
        assert not tab.errors


def test_queues_steps_search_and_taking_back(browser, tmp_path):
    data = made(tmp_path)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How much memory does Falcon need?")
        page.keyboard.press("k")
        said(page, "This is the first pair.")
        page.keyboard.press("j")
        place(page, "Pair 2 of 4 · 0 of 4 decided")
        page.keyboard.press("ArrowRight")
        question(page, "Where was Falcon made?")
        page.keyboard.press("/")
        page.keyboard.type("disk a")
        assert written(data) == [], "keys do nothing in a field"
        page.locator("#search").fill("disk")
        page.keyboard.press("Enter")
        question(page, "How much disk does Falcon need?")
        expect(page.locator("#gates")).to_contain_text("Rejected as ungrounded (15 GB): the evidence does not hold")
        page.keyboard.press("a")
        nothing(page, "No pair in this queue holds these words.")
        page.get_by_role("button", name=re.compile("^Decided")).click()
        expect(page.locator("#badges")).to_contain_text("you: accepted")
        page.keyboard.press("t")
        said(page, "Taken back.")
        assert written(data) == []
        page.locator("#by-concept summary").click()
        page.get_by_role("button", name=re.compile("^2,048 tokens")).click()
        place(page, "Pair 1 of 1 · 0 of 1 decided")
        page.reload()
        place(page, "Pair 1 of 1 · 0 of 1 decided")
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        page.keyboard.press("a")
        page.keyboard.press("Escape")
        expect(page.locator("#help")).to_be_hidden()
        assert written(data) == [] and not tab.errors


def test_an_edit_is_not_lost_by_a_key_a_queue_or_what_is_refused(browser, tmp_path):
    data = made(tmp_path)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How much memory does Falcon need?")
        page.keyboard.press("e")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
        page.locator("#edit-question").fill("Where was Falcon made?")
        page.locator("#edit-answer").fill(LINES[1])
        page.get_by_role("button", name=re.compile("^Kept")).click()
        said(page, "Save or cancel the edit first.")
        page.keyboard.press("a")
        page.locator("#save").click()
        expect(page.get_by_role("alert")).to_contain_text(f"The pair {PLACE} says just this")
        assert page.locator("#edit-question").input_value() == "Where was Falcon made?" and written(data) == []
        page.keyboard.press("Escape")
        question(page, "How much memory does Falcon need?")
        expect(page.get_by_role("alert")).to_be_hidden()
        assert all("409" in error for error in tab.errors), "the browser notes what was refused"


def test_a_second_opinion_is_given_blind_and_then_compared(browser, tmp_path):
    data = made(tmp_path)
    write(data, Ruling(id=MEMORY, decision="reject", who="bo", why="trivial"))
    decided(data)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How many tokens does Falcon read?")
        page.get_by_role("button", name=re.compile("^Second opinion")).click()
        question(page, "How much memory does Falcon need?")
        expect(page.locator("#badges")).to_have_text("decided by another reviewer: what, you see after you")
        assert "trivial" not in page.content() and "rejected by" not in page.locator("main").inner_text()
        page.locator("#accept").click()
        page.get_by_role("button", name=re.compile("^Reviewers disagree")).click()
        expect(page.locator("#badges")).to_contain_text("bo: rejected, trivial")
        expect(page.locator("#agreement")).to_contain_text("on 1 pair: they agree on 0")
        assert [one["who"] for one in written(data)] == ["ann", "bo"] and not tab.errors


def test_a_queue_chosen_while_a_decision_is_being_written_is_opened_after_it(browser, tmp_path):
    data = made(tmp_path)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How much memory does Falcon need?")
        held = []
        page.route("**/review/decide", lambda route: held.append(route))
        page.locator("#accept").click()
        page.get_by_role("button", name=re.compile("^Kept")).click()
        page.locator("#accept").click()  # of a pair not yet seen: nothing is done
        assert not written(data)
        held.pop().continue_()
        expect(page.locator("#queue-name")).to_have_text("Kept")
        assert [one["id"] for one in written(data)] == [MEMORY] and not held and not tab.errors


def test_an_edit_is_not_begun_of_a_pair_that_is_about_to_go(browser, tmp_path):
    data = made(tmp_path)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How much memory does Falcon need?")
        held = []
        page.route("**/review/pair*", lambda route: held.append(route))  # the second one is here already
        page.keyboard.press("j")
        question(page, "How many tokens does Falcon read?")
        page.keyboard.press("j")
        page.keyboard.press("e")
        page.keyboard.press("r")
        expect(page.locator("#edit")).to_be_hidden()
        expect(page.locator("#rejecting")).to_be_hidden()
        for route in held:
            route.continue_()
        question(page, "Where was Falcon made?")
        page.keyboard.press("e")
        expect(page.locator("#edit-question")).to_have_value("Where was Falcon made?")
        assert not written(data) and not tab.errors


@pytest.mark.parametrize("evil", HOSTILE)
def test_a_text_that_would_run_is_shown_as_text(browser, tmp_path, evil):
    known = document((f"Falcon says {evil} to all.", *LINES), title=evil, source=evil, base=None)
    texts = {"of": known, "concepts": [evil], "link": evil, "topic": evil, "form": evil, "scores": {"rank": 0.6}}
    one = pair(
        "evil", f"What is {evil} of Falcon?", f"Falcon says {evil} to all.", f"Falcon says {evil} to all.", **texts
    )
    gone = Evidence(document="gone", quote=evil, span=(0, 1))
    one.evidence.append(gone)
    data = made(tmp_path, [one], known=known)
    edit = Ruling(id="evil", decision="edit", who=evil, answer=evil)
    write(data, Ruling(id="evil", decision="reject", who="ann", why=evil), edit)
    with reviewing(data) as address, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        page.get_by_role("button", name=re.compile("^Reviewers disagree")).click()
        question(page, f"What is {evil} of Falcon?")
        for where in ("#answer", "#passages", "#gates", "#badges", "figcaption"):
            expect(page.locator(where).first).to_contain_text(evil)
        expect(page.locator("mark").first).to_have_text(f"Falcon says {evil} to all.")
        page.locator("#by-concept summary").click()
        expect(page.locator("#by-concept")).to_contain_text(evil)
        page.get_by_role("button", name="Edit", exact=False).click()
        assert evil in page.locator("#edit-question").input_value()
        page.locator("#cancel-edit").click()
        assert page.title() == "Review · faqtune"
        assert page.locator("main script, main img, main [onerror], main a[href^='javascript']").count() == 0
        assert not tab.errors
        assert all(url.startswith(address.split("/review")[0]) for url in tab.requests)


def test_a_link_to_the_web_opens_elsewhere_and_knows_nothing_of_us(browser, tmp_path):
    with reviewing(made(tmp_path)) as address, opened(browser, offline=False) as tab:
        tab.page.goto(address)
        link = tab.page.locator("figcaption a")
        expect(link).to_have_attribute("href", "https://example.org/falcon#needs")
        assert link.get_attribute("rel") == "noreferrer noopener" and link.get_attribute("target") == "_blank"


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_question_answer_and_evidence_in_this_order_with_the_buttons_at_hand(browser, tmp_path, dark):
    long = "https://example.org/" + "a" * 300
    known = document((f"Falcon is at {long} now.", *LINES))
    one = pair(
        "long", f"Where is {long}?", f"Falcon is at {long} now.", f"Falcon is at {long} now.", of=known, link=long
    )
    with (
        reviewing(made(tmp_path, [one], known=known)) as address,
        opened(browser, offline=False, width=390, dark=dark) as tab,
    ):
        page = tab.page
        page.goto(address)
        question(page, one.question)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        tops = [page.locator(where).bounding_box()["y"] for where in ("#question", "#answer", "#passages", "#gates")]
        assert tops == sorted(tops)
        for button in ("#accept", "#reject", "#change"):
            box = page.locator(button).bounding_box()
            assert box["height"] >= 44 and box["y"] + box["height"] <= 900
        page.locator("#picker-button").click()
        page.get_by_role("button", name=re.compile("^Rejected")).click()
        expect(page.locator("#picker")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390 and not tab.errors


def test_a_server_that_has_ended_is_told(browser, tmp_path):
    data = made(tmp_path)
    with opened(browser, offline=False) as tab:
        with reviewing(data) as address:
            tab.page.goto(address)
            question(tab.page, "How much memory does Falcon need?")
        tab.page.keyboard.press("a")
        expect(tab.page.get_by_role("alert")).to_contain_text("The server does not answer")


def test_a_page_of_another_server_cannot_decide(browser, tmp_path):
    data = made(tmp_path)
    with reviewing(data) as address, reviewing(data) as other, opened(browser, offline=False) as tab:
        page = tab.page
        page.goto(address)
        question(page, "How much memory does Falcon need?")
        page.goto(other)
        question(page, "How much memory does Falcon need?")
        target = address.split("?")[0] + "/decide"
        tried = page.evaluate(
            "(url) => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include',"
            " body: JSON.stringify({id: 'memory', decision: 'accept'})}).then((r) => r.type, (e) => e.name)", target,
        )  # fmt: skip
        assert tried in ("TypeError", "opaque") and written(data) == []
