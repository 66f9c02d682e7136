// The chat: a question is sent with the turns before it, and its answer is shown as it comes.
import { element, link } from "./page.js";

const by = (id) => document.getElementById(id);
const turns = []; // [question, answer] of this chat
let stopping = null; // of the answer that is being written

function failed(text) {
  by("error").hidden = !text;
  by("error").textContent = text;
}

function busy(now) {
  by("send").hidden = now;
  by("stop").hidden = !now;
}

// Yields the JSON lines of a reply as they come.
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) yield JSON.parse(part);
  }
}

function passage({ heading, source, link: address, page, before, best, after }) {
  const where = [heading, page ? `page ${page}` : ""].filter(Boolean).join(", ");
  return element("details", { className: "passage" },
    element("summary", {}, where || source),
    element("blockquote", {}, before, element("mark", {}, best), after),
    address ? link(address) : element("span", { className: "soft" }, source));
}

function about(block, event) {
  const read = event.retrieval ? "with the passages of a search" : "from memory";
  const more = [event.cut ? "cut off at the longest answer" : "",
    event.left_out ? `without the oldest ${event.left_out} turns, for which the model has no room` : ""];
  block.append(element("p", { className: "about soft" }, [`${event.adapter}, ${read}`, ...more].filter(Boolean).join("; ")));
  if (event.refused) {
    block.classList.add("refused");
    block.append(element("p", { className: "about" }, element("span", { className: "badge" }, "refused"),
      " The documents do not say, as far as this model knows."));
  } else if (event.passages.length) {
    block.append(element("p", { className: "about" }, event.retrieval ? "What it read:" : "Where to check it:"),
      ...event.passages.map(passage));
  }
}

async function ask(question) {
  failed("");
  by("examples")?.remove();
  const text = element("p", { className: "text" });
  const block = element("div", { className: "answer card" }, text);
  const turn = element("li", {}, element("p", { className: "asked" }, question), block);
  by("chat").append(turn);
  turn.scrollIntoView({ block: "nearest" });
  stopping = new AbortController();
  busy(true);
  const asked = { question, adapter: by("adapter").value, retrieval: by("retrieval").checked, turns };
  try {
    const reply = await fetch("/ask/stream", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked), signal: stopping.signal,
    });
    if (!reply.ok) throw new Error((await reply.json().catch(() => null))?.error || `The server answers ${reply.status}.`);
    let done = false;
    for await (const event of lines(reply.body)) {
      if (event.error) throw new Error(event.error);
      if (event.waiting) by("said").textContent = text.dataset.waiting = event.waiting;
      if (event.token) text.append(event.token);
      if ("done" in event) {
        done = true;
        text.textContent = event.done || "(nothing)";
        turns.push([question, event.done]);
        about(block, event);
        by("said").textContent = `Answer: ${event.done}`;
      }
      turn.scrollIntoView({ block: "nearest" });
    }
    if (!done) throw new Error("The answer ended too early. Is the server still running in the terminal?");
  } catch (error) {
    const stopped = error.name === "AbortError";
    block.append(element("p", { className: "about soft" }, stopped ? "stopped" : "no answer"));
    if (!stopped) failed(error instanceof TypeError ? "The server does not answer. Is it still running in the terminal?" : error.message);
  } finally {
    stopping = null;
    busy(false);
    by("question").focus();
  }
}

function send() {
  const question = by("question").value.trim();
  if (!question || stopping) return;
  by("question").value = "";
  ask(question);
}

by("asking").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
by("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
by("stop").addEventListener("click", () => stopping?.abort());
by("new").addEventListener("click", () => {
  stopping?.abort();
  turns.length = 0;
  by("chat").replaceChildren();
  failed("");
  by("question").focus();
});
by("settings").addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll(".example")) button.addEventListener("click", () => ask(button.textContent));
by("question").focus();
