// The chat: a question goes out with the turns before it, the answer comes in as lines of JSON while it is written.

import { element, link, posted } from "./page.js";

const MOST = 40; // turns that are sent
const NEAR = 120; // pixels from the end of the page at which it is kept in view
const find = (id) => document.getElementById(id);
const form = find("form");
const box = find("question");
let turns = []; // [question, answer] of this chat
let running = null; // what stops the answer that is being written

async function* events(reply) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

function source(passage) {
  const place = passage.page ? `${passage.source}, page ${passage.page}` : passage.source;
  return element("li", { className: "source card" },
    element("details", {},
      element("summary", {},
        element("span", { className: "path" }, passage.heading), " ",
        element("span", { className: "soft" }, place),
        element("span", { className: "best" }, passage.best)),
      element("p", { className: "whole" }, passage.before, element("mark", {}, passage.best), passage.after)),
    passage.link ? element("p", { className: "link" }, link(passage.link)) : null);
}

function sources(said) {
  const heading = said.retrieval ? "The model read these passages" : "Where to check: the model did not read these passages";
  return element("section", { className: "sources" },
    element("h3", {}, heading), element("ul", {}, ...said.passages.map(source)));
}

const note = (text, kind = "") => element("p", { className: `note ${kind}` }, text);

// What is below an answer; returns what is said of it to those who hear the page.
function finish(exchange, said, missing, again) {
  const how = [said.adapter, said.retrieval ? "with passages" : "from memory", ...(said.refused ? ["refused"] : [])];
  exchange.classList.toggle("refused", said.refused);
  exchange.append(element("ul", { className: "how" }, ...how.map((text) => element("li", { className: "badge" }, text))));
  const told = [];
  if (said.refused) told.push("The documents do not say, as far as this model knows.");
  if (!said.done) told.push("The model says nothing.");
  if (said.cut) told.push("Cut off: evaluate.max-new-tokens in params.yaml is its longest answer.");
  if (missing) told.push(`The chat is too long for the model: the first ${missing} of its turns are left out.`);
  exchange.append(...told.map((text) => note(text)));
  if (said.refused && !said.retrieval) {
    exchange.append(element("button", { type: "button", className: "again", onclick: again }, "Ask again with passages"));
  }
  if (said.done && !said.refused && !said.passages.length) {
    const doubt = note("Nothing bears this answer out: the search found no passage for it.", "doubt");
    exchange.append(doubt);
    told.push(doubt.textContent);
  }
  if (said.unsupported.length) {
    const doubt = element("p", { className: "note doubt" }, element("b", {}, "In none of these passages: "), said.unsupported.join(", "));
    exchange.append(doubt);
    told.push(doubt.textContent);
  }
  if (said.passages.length) exchange.append(sources(said));
  const count = said.passages.length;
  return [said.done, ...told, ...(count ? [`${count} ${count === 1 ? "passage" : "passages"} below.`] : [])].join(" ");
}

function busy(stop) {
  running = stop;
  find("send").hidden = stop !== null;
  find("stop").hidden = stop === null;
}

function complain(text) {
  find("error").textContent = text;
  find("error").hidden = !text;
}

const atEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - NEAR;
const toEnd = () => scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });

// All of what was asked and answered in view, or else its beginning.
function show(exchange) {
  if (exchange.offsetHeight + form.offsetHeight < innerHeight) toEnd();
  else exchange.scrollIntoView({ block: "start", behavior: "instant" });
}

async function ask(question, before, retrieval) {
  document.querySelectorAll(".again").forEach((button) => button.remove());
  find("start").hidden = true;
  find("said").textContent = "";
  complain("");
  const stop = new AbortController();
  busy(stop);
  const answer = element("p", { className: "answer waiting" });
  const exchange = element("li", { className: "busy" }, element("h2", { className: "asked" }, question), answer);
  find("log").append(exchange);
  toEnd();
  const sent = before.slice(-MOST);
  const asked = { question, adapter: find("adapter").value, retrieval, turns: sent };
  let text = "";
  let said = null;
  try {
    for await (const event of events(await posted("/ask/answer", asked, stop.signal))) {
      stop.signal.throwIfAborted();
      const follow = atEnd();
      if (event.error !== undefined) throw new Error(event.error);
      if (event.waiting !== undefined) answer.textContent = `${event.waiting} …`;
      if (event.token !== undefined) {
        text += event.token;
        answer.textContent = text;
        answer.classList.remove("waiting");
      }
      if (event.done !== undefined) {
        said = event;
        answer.textContent = said.done;
        exchange.classList.remove("busy");
        turns = [...before, [question, said.done]];
        const again = () => ask(question, before, true);
        find("said").textContent = finish(exchange, said, said.left_out + before.length - sent.length, again);
      }
      if (follow && said) show(exchange);
      else if (follow) toEnd();
    }
    if (!said) throw new Error("The connection broke off. Is the server still running in the terminal?");
  } catch (error) {
    if (!exchange.isConnected) return; // a new chat has begun
    if (!text) answer.textContent = "";
    if (error.name === "AbortError") {
      exchange.append(note("Stopped. The model will not know of this question."));
      find("said").textContent = "Stopped.";
    } else {
      exchange.append(note("No answer."));
      complain(error.message);
      if (!box.value) box.value = question;
    }
  } finally {
    exchange.classList.remove("busy");
    if (running === stop) {
      const lost = [document.body, find("stop")].includes(document.activeElement);
      busy(null);
      if (lost) box.focus();
    }
  }
}

function send() {
  const question = box.value.trim();
  if (!question || running) return;
  box.value = "";
  ask(question, turns, find("retrieval").checked);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") running?.abort();
});
find("stop").addEventListener("click", () => running?.abort());
find("new").addEventListener("click", () => {
  running?.abort();
  turns = [];
  find("log").replaceChildren();
  find("start").hidden = false;
  find("said").textContent = "";
  complain("");
  box.focus();
});
document.querySelectorAll(".samples button").forEach((button) => button.addEventListener("click", () => {
  if (running) return;
  ask(button.textContent, turns, find("retrieval").checked);
  box.focus();
}));
