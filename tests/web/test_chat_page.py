"""The chat in a browser: an answer is seen while it is written, can be stopped, and no text of it runs."""

import queue
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from stages.chat.answerer import Token, Waiting
from stages.web import app, chat
from tests.browser import Tab, opened
from tests.chat.test_terminal import answered, passage

SAMPLE = "What is Rover?"
HOSTILE = "<script>document.title='run'</script><img src=x onerror=document.title='run'> \u202e & **bold**"


class Slow:
    """Says what the test puts into `events`, when it does; END ends the answer."""

    END = object()
    adapters = {"tuned": "folder", "base": None}

    def __init__(self) -> None:
        self.events: queue.Queue = queue.Queue()
        self.asked: list[tuple] = []
        self.ended = threading.Event()

    def say(self, *events) -> None:
        for event in events:
            self.events.put(event)

    def stream(self, *asked) -> Generator:
        self.asked.append(asked)
        self.ended.clear()
        try:
            while (event := self.events.get(timeout=20)) is not self.END:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.ended.set()


@contextmanager
def serving(slow: Slow) -> Iterator[str]:
    """Serve the page on loopback; yield its address with the token."""
    listener = socket.create_server((app.HOST, 0))
    built = app.build("t", chat.routes(slow, "tuned", [SAMPLE]), "/ask")
    server = uvicorn.Server(uvicorn.Config(built, log_level="critical", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://{app.HOST}:{listener.getsockname()[1]}/ask?token=t"
    finally:
        server.should_exit = True
        slow.say(slow.END)
        thread.join(20)
        listener.close()


@contextmanager
def chatting(browser, **options) -> Iterator[tuple[Tab, Slow]]:
    """Yield the open page and who answers; after it: nothing was wrong, and no other host was asked."""
    slow = Slow()
    with serving(slow) as address, opened(browser, offline=False, **options) as tab:
        tab.page.goto(address)
        yield tab, slow
        assert not tab.errors
        assert all(asked.startswith((address.split("/ask")[0], "data:,")) for asked in tab.requests)


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")


def answer(page: Page):
    return page.locator("#log .answer").last


def test_the_ask_page_streams_an_answer(browser):
    with chatting(browser) as (tab, slow):
        page = tab.page
        expect(page.get_by_label("Question", exact=True)).to_be_focused()
        page.keyboard.type("How fast")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("is Rover?")
        page.keyboard.press("Enter")
        expect(page.locator(".asked")).to_have_text("How fast\nis Rover?")
        slow.say(Waiting(waiting="the model is being loaded"))
        expect(answer(page)).to_have_text("the model is being loaded …")
        slow.say(Token(token="At 5"))
        expect(answer(page)).to_have_text("At 5")
        assert not slow.ended.is_set() and page.locator("#said").text_content() == "", "it is not read out by pieces"
        expect(page.locator("#send")).to_be_hidden()
        page.keyboard.type("Next")
        page.keyboard.press("Enter")
        expect(page.locator(".asked")).to_have_count(1)
        slow.say(Token(token=" km/h."), answered(), slow.END)
        expect(answer(page)).to_have_text("At 5 km/h.")
        expect(page.locator(".badge")).to_have_text(["tuned", "from memory"])
        expect(page.locator("#said")).to_have_text("At 5 km/h. 1 passage below.")
        expect(page.get_by_label("Question", exact=True)).to_have_value("Next")
        assert slow.asked == [("How fast\nis Rover?", "tuned", False, [])] and "token" not in page.url


def test_sources_open_and_lead_to_the_document(browser):
    with chatting(browser) as (tab, slow):
        page = tab.page
        ask(page, "How fast?")
        slow.say(answered(passages=[passage(), passage(heading="Two", page=None, link="")]), slow.END)
        expect(page.locator(".sources h3")).to_have_text("Where to check: the model did not read these passages")
        first = page.locator(".source").first
        expect(first.locator("summary")).to_contain_text("Guide > Parts d.pdf, page 2")
        expect(first.locator(".whole")).to_be_hidden()
        first.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(first.locator(".whole")).to_have_text("First. Second.\n\nThird.")
        expect(first.locator("mark")).to_have_text("Second.")
        link = first.get_by_role("link")
        assert link.get_attribute("href") == "https://example.org/d.pdf"
        assert "noopener" in (link.get_attribute("rel") or "") and link.get_attribute("target") == "_blank"
        expect(page.locator(".source").last.get_by_role("link")).to_have_count(0)


def test_turns_retrieval_and_adapter_are_sent_and_a_new_chat_forgets(browser):
    with chatting(browser) as (tab, slow):
        page = tab.page
        page.get_by_role("button", name=SAMPLE).click()
        slow.say(answered(done="A robot."), slow.END)
        expect(page.locator("#said")).to_contain_text("A robot.")
        page.get_by_label("Model").select_option("base")
        page.get_by_label("Read passages first").check()
        ask(page, "How fast is it?")
        slow.say(answered(adapter="base", retrieval=True, left_out=1, unsupported=["5 km"]), slow.END)
        expect(page.locator(".sources h3").last).to_have_text("The model read these passages")
        expect(page.locator(".badge").last).to_have_text("with passages")
        expect(page.locator(".note.doubt")).to_have_text("In none of these passages: 5 km")
        expect(page.locator(".note").first).to_contain_text("the first 1 of its turns are left out")
        page.get_by_role("button", name="New chat").click()
        expect(page.locator(".asked")).to_have_count(0)
        ask(page, "And now?")
        slow.say(answered(), slow.END)
        expect(page.locator(".asked")).to_have_count(1)
        expect(page.locator("#said")).to_contain_text("At 5 km/h.")
        turns = [(SAMPLE, "A robot.")]
        assert slow.asked == [
            (SAMPLE, "tuned", False, []), ("How fast is it?", "base", True, turns), ("And now?", "base", True, []),
        ]  # fmt: skip


@pytest.mark.parametrize("way", ["button", "key", "new chat"])
def test_stop_ends_the_answer_on_both_sides(browser, way):
    with chatting(browser) as (tab, slow):
        page = tab.page
        ask(page, "How fast?")
        slow.say(Token(token="At 5"))
        expect(answer(page)).to_have_text("At 5")
        if way == "key":
            page.keyboard.press("Escape")
        else:
            page.get_by_role("button", name="Stop" if way == "button" else "New chat").click()
        expect(page.locator("#send")).to_be_visible()
        expect(page.get_by_label("Question", exact=True)).to_be_focused()
        expect(page.locator("#log .note")).to_have_text(
            [] if way == "new chat" else ["Stopped. The model will not know of this question."]
        )
        for _ in range(100):  # the model goes on until the server has seen that the reader is gone
            slow.say(Token(token="never seen"))
            if slow.ended.wait(0.1):
                break
        assert slow.ended.is_set()
        slow.events = queue.Queue()
        ask(page, "And now?")
        slow.say(answered(done="Now."), slow.END)
        expect(answer(page)).to_have_text("Now.")
        assert slow.asked[-1][-1] == [], "what was stopped is no turn"
        assert "never seen" not in page.content()


def test_a_refusal_is_marked_has_no_source_and_may_be_asked_again_with_passages(browser):
    with chatting(browser) as (tab, slow):
        page = tab.page
        ask(page, "Who?")
        slow.say(answered(done="I do not know.", refused=True, passages=[]), slow.END)
        expect(page.locator(".badge").last).to_have_text("refused")
        expect(page.locator(".note")).to_have_text("The documents do not say, as far as this model knows.")
        expect(page.locator(".sources")).to_have_count(0)
        page.get_by_role("button", name="Ask again with passages").click()
        slow.say(answered(retrieval=True), slow.END)
        expect(answer(page)).to_have_text("At 5 km/h.")
        expect(page.get_by_role("button", name="Ask again with passages")).to_have_count(0)
        assert slow.asked[-1] == ("Who?", "tuned", True, []), "in place of the refusal"


def test_an_error_is_shown_and_the_question_can_be_sent_again(browser):
    with chatting(browser) as (tab, slow):
        page = tab.page
        ask(page, "How fast?")
        slow.say(Token(token="At"), ValueError("no memory"))
        expect(page.get_by_role("alert")).to_contain_text("ValueError: no memory")
        expect(page.get_by_label("Question", exact=True)).to_have_value("How fast?")
        page.keyboard.press("Enter")
        slow.say(answered(), slow.END)
        expect(answer(page)).to_have_text("At 5 km/h.")
        expect(page.get_by_role("alert")).to_be_hidden()


def test_a_server_that_has_gone_away_is_told(browser):
    slow = Slow()
    with opened(browser, offline=False) as tab:
        with serving(slow) as address:
            tab.page.goto(address)
        ask(tab.page, "How fast?")
        expect(tab.page.get_by_role("alert")).to_contain_text("Is it still running in the terminal?")


def test_hostile_text_is_shown_as_it_is_and_never_runs(browser):
    with chatting(browser) as (tab, slow):
        page = tab.page
        title = page.title()
        ask(page, HOSTILE)
        slow.say(Token(token=HOSTILE[:30]), Token(token=HOSTILE[30:]))
        expect(answer(page)).to_have_text(HOSTILE)
        fields = dict.fromkeys(("heading", "source", "before", "best", "after"), HOSTILE)
        bad = [
            passage(**fields, link=link)
            for link in ("javascript:document.title='run'", "data:text/html,x", "//evil.example")
        ]
        slow.say(answered(done=HOSTILE, adapter=HOSTILE, passages=bad, unsupported=[HOSTILE]), slow.END)
        expect(page.locator(".source")).to_have_count(3)
        expect(page.locator(".asked")).to_have_text(HOSTILE)
        assert page.locator("#log a, #log img, #log script").count() == 0
        assert page.title() == title


@pytest.mark.parametrize("dark", [False, True])
def test_a_narrow_page_does_not_scroll_sideways(browser, dark):
    with chatting(browser, width=390, dark=dark) as (tab, slow):
        page = tab.page
        ask(page, f"How {'very' * 60} fast?")
        long = passage(best=f"https://example.org/{'x' * 300}", heading="Heading" * 30)
        slow.say(answered(done="y" * 300, adapter="a" * 90, passages=[long], unsupported=["z" * 200]), slow.END)
        page.locator("summary").click()
        expect(page.locator(".whole")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        box = page.locator("#form").bounding_box()
        assert box and box["y"] + box["height"] <= 900, "the box for the next question is in view"
