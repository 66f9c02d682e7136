// The reviewer: queues, one pair at a time, keys. All that comes from a document, a model or a person is put in as text.

import { element, get, link, post } from "./page.js";

const REASONS = [
  "the evidence does not say this", "not understood alone", "does not answer the question", "nobody would ask this",
  "the answer is incomplete", "badly worded",
];
const LONG_LIST = 100; // concepts shown at once
const SHOWN = 6000; // milliseconds for which what happened is said
const at = (id) => document.getElementById(id);
const quoted = (name) => name.replaceAll("_", " ");

let state = null; // of the server: queues, agreement, what can be undone
let queue = decodeURIComponent(location.hash.slice(1)) || "doubt";
let ids = [];
let total = 0; // pairs in the queue, decided ones too
let index = 0;
let pair = null; // what is shown
let mode = "look"; // or edit, reject
let busy = false;
let groups = { concept: [], reason: [] };
const fetched = new Map(); // id: promise of a pair

// ---- asking the server

function fetchPair(id) {
  if (!fetched.has(id)) {
    if (fetched.size > 50) fetched.clear();
    const asked = get(`/review/pair?id=${encodeURIComponent(id)}`);
    fetched.set(id, asked);
    asked.catch(() => fetched.delete(id));
  }
  return fetched.get(id);
}

// Do one thing at a time; what goes wrong is shown. A key pressed meanwhile would be for a pair not yet seen, or would
// change one that is about to go: it is dropped. A queue chosen meanwhile is opened after it.
let after = null;
async function guarded(work, patient = false) {
  if (busy) {
    if (patient) after = work;
    return;
  }
  busy = true;
  at("error").hidden = true;
  try {
    await work();
  } catch (error) {
    at("error").textContent = error.message;
    at("error").hidden = false;
  } finally {
    busy = false;
  }
  const next = after;
  after = null;
  if (next) await guarded(next);
}

async function open(key, search = at("search").value) {
  const found = await get(`/review/queue?key=${encodeURIComponent(key)}&search=${encodeURIComponent(search)}`);
  [queue, ids, total, index] = [key, found.ids, found.total, 0];
  history.replaceState(null, "", `#${encodeURIComponent(key)}`);
  fetched.clear();
  await show();
  showQueues();
}

async function decide(decision, more, told) {
  const id = pair.id;
  const answer = await post("/review/decide", { id, decision, ...more });
  fetched.clear();
  state = answer;
  if (queue !== "decided") ids.splice(index, 1);
  setMode("look");
  await show();
  showQueues();
  say(told);
}

const accept = () => decide("accept", {}, "Accepted.");
const reject = (why) => decide("reject", { why }, why ? `Rejected: ${why}.` : "Rejected.");
const save = () => decide("edit", { question: at("edit-question").value, answer: at("edit-answer").value }, "Edited.");

async function takeBack() {
  if (pair.own) await decide(null, {}, "Taken back.");
}

async function undo() {
  const answer = await post("/review/undo", {});
  state = answer.state;
  fetched.clear();
  if (answer.id !== null) {
    const known = ids.indexOf(answer.id);
    if (known < 0) ids.splice(index, 0, answer.id);
    else index = known;
  }
  await show();
  showQueues();
  say(answer.id === null ? "Undone; its pair is no longer there." : "Undone.");
}

async function step(by) {
  const wanted = index + by;
  if (wanted < 0 || wanted >= ids.length) return say(by < 0 ? "This is the first pair." : "This is the last pair.");
  index = wanted;
  await show();
  say("");
}

// ---- showing a pair

async function show() {
  index = Math.max(0, Math.min(index, ids.length - 1));
  pair = ids.length ? await fetchPair(ids[index]) : null;
  if (index + 1 < ids.length) fetchPair(ids[index + 1]).catch(() => {});
  at("pair").hidden = !pair;
  at("nothing").hidden = Boolean(pair);
  at("nothing").textContent = at("search").value ? "No pair in this queue holds these words." : "Nothing is left in this queue.";
  if (pair) {
    at("question").textContent = pair.own?.question ?? pair.question;
    at("answer").textContent = pair.own?.answer ?? pair.answer;
    at("badges").replaceChildren(...badges());
    at("passages").replaceChildren(...evidence());
    at("gates").replaceChildren(...gates());
  }
  showPlace();
  scrollTo({ top: 0, behavior: "instant" });
}

function showPlace() {
  const done = queue === "decided" ? ids.length : Math.max(0, total - ids.length);
  const place = ids.length ? `Pair ${index + 1} of ${ids.length}` : "No pair";
  at("progress").max = Math.max(1, total);
  at("progress").value = done;
  const searched = Boolean(at("search").value);
  at("progress").hidden = searched;
  at("about").hidden = searched;
  const word = queue === "disputed" ? "agree" : "decided";
  at("progress-text").textContent = searched ? `${place} found` : `${place} · ${done} of ${total} ${word}`;
  at("undo").disabled = !state.undo;
  at("take-back").hidden = !pair?.own;
  for (const id of ["accept", "reject", "change", "previous", "next"]) at(id).disabled = !pair;
}

function badges() {
  const made = [];
  if (pair.outcome) {
    const { kept, reason } = pair.outcome;
    const text = kept ? (reason ?? "kept by the gates") : `rejected: ${quoted(reason)}`;
    made.push(element("span", { className: `badge ${kept ? "good" : "bad"}` }, text));
  }
  if (pair.own) made.push(element("span", { className: "badge own" }, `you: ${ruled(pair.own)}`));
  for (const one of pair.others) made.push(element("span", { className: "badge" }, `${one.who}: ${ruled(one)}`));
  if (pair.hidden) made.push(element("span", { className: "badge" }, "decided by another reviewer: what, you see after you"));
  if (!pair.passages.length) made.push(element("span", { className: "soft" }, pair.topic));
  return made;
}

const ruled = (ruling) => ({ accept: "accepted", reject: "rejected", edit: "edited" })[ruling.decision]
  + (ruling.why ? `, ${ruling.why}` : "");

function evidence() {
  const made = pair.passages.map((passage) => element(
    "figure", {},
    element(
      "figcaption", { className: "soft" }, passage.heading.join(" › "), passage.page ? `, page ${passage.page}` : "", " · ",
      link(passage.url ?? passage.source, passage.source),
      passage.moved ? element("b", { className: "bad" }, " The document no longer says this here: run dvc repro.") : null,
    ),
    element("blockquote", {}, ...passage.pieces.map(([text, marked]) => element(marked ? "mark" : "span", {}, text))),
  ));
  if (!made.length) made.push(element("p", { className: "soft" }, "No evidence is known of this pair."));
  for (const said of pair.statements) made.push(element("p", {}, element("b", {}, "Read alone: "), said));
  if (pair.link) made.push(element("p", {}, element("b", {}, "Link for readers: "), link(pair.link)));
  return made;
}

function gates() {
  const made = [];
  const { outcome, doubt, own } = pair;
  if (outcome) {
    const value = outcome.value === null || outcome.reason === "conflict" ? "" : ` (${shown(outcome.value)})`;
    const text = outcome.kept ? `Kept${outcome.reason ? `: ${outcome.reason}` : ": no gate has anything against it"}.`
      : `Rejected as ${quoted(outcome.reason)}${value}: ${outcome.means}.`;
    made.push(element("p", {}, text));
  }
  for (const rival of pair.rivals) made.push(element("p", {}, element("b", {}, "The other answer: "), rival));
  if (doubt) {
    const [why, much, means] = doubt;
    made.push(element("p", {}, `Uncertainty ${much.toFixed(2)}: ${means || `“${quoted(why)}” is near its threshold`}.`));
  }
  if (pair.scores.length) {
    made.push(element("dl", { className: "scores" }, ...pair.scores.map(([name, value, means]) => element(
      "div", { title: means }, element("dt", {}, quoted(name)), element("dd", {}, shown(value)), element("small", {}, means),
    ))));
  }
  for (const [name, text] of Object.entries(pair.found)) {
    made.push(element("p", {}, element("b", {}, `${quoted(name)}: `), text));
  }
  for (const one of [...(own ? [own] : []), ...pair.others]) {
    if (one.decision !== "edit") continue;
    made.push(element("p", {}, element("b", {}, `Edited by ${one.who}: `), `${one.question ?? pair.question} — ${one.answer ?? pair.answer}`));
    if (one === own) made.push(element("p", {}, element("b", {}, "Before: "), `${pair.question} — ${pair.answer}`));
  }
  made.push(element("p", { className: "soft small" }, `${pair.origin}${pair.form ? `, ${quoted(pair.form)}` : ""}, ${pair.source}, id ${pair.id}`));
  return made;
}

const shown = (value) => (typeof value === "number" ? String(Math.round(value * 100) / 100) : value);

// ---- showing the queues

function showQueues() {
  const known = state.queues.find((one) => one.key === queue);
  const name = known ? known.name : queue.slice(queue.indexOf(":") + 1);
  at("queue-name").textContent = queue.startsWith("reason:") ? quoted(name) : name;
  at("about").textContent = known ? known.about : "";
  at("queues").replaceChildren(...state.queues.map((one) => choice(one.key, one.name, one.left)));
  showGroup("concept");
  showGroup("reason");
  at("who").textContent = `Reviewer: ${state.who}`;
  at("file").textContent = state.file;
  at("agreement").textContent = agreement(state.agreement);
}

function choice(key, name, left) {
  const made = element("button", { type: "button" }, element("span", {}, name), element("span", { className: "count" }, String(left)));
  if (key === queue) made.setAttribute("aria-current", "true");
  made.addEventListener("click", () => choose(key));
  return element("li", {}, made);
}

function showGroup(by) {
  const place = at(`by-${by}`);
  const wanted = (place.querySelector("input")?.value ?? "").toLowerCase();
  const found = groups[by].filter(([name]) => name.toLowerCase().includes(wanted));
  const made = found.slice(0, LONG_LIST).map(([name, , left]) => choice(`${by}:${name}`, by === "reason" ? quoted(name) : name, left));
  if (found.length > LONG_LIST) made.push(element("li", { className: "soft" }, `and ${found.length - LONG_LIST} more: type to find them`));
  place.querySelector("ul").replaceChildren(...made);
}

function agreement(known) {
  if (!known) return "No pair has two reviewers yet.";
  const kappa = known.kappa === null ? "" : `; Cohen's kappa ${known.kappa.toFixed(2)} (${known.low.toFixed(2)} to ${known.high.toFixed(2)})`;
  return `Two or more reviewers on ${known.pairs} ${known.pairs === 1 ? "pair" : "pairs"}: they agree on ${known.agree}${kappa}.`;
}

// ---- what is said and which buttons there are

let silence;
function say(text) {
  clearTimeout(silence);
  silence = setTimeout(() => at("said").replaceChildren(), SHOWN);
  const next = text && pair ? element("span", { className: "unseen" }, ` Question: ${at("question").textContent}`) : null;
  at("said").replaceChildren(text, ...(next ? [next] : []));
}

function setMode(wanted) {
  const inside = at("edit").contains(document.activeElement) || at("rejecting").contains(document.activeElement);
  mode = wanted;
  at("look").hidden = mode === "edit";
  at("edit").hidden = mode !== "edit";
  at("deciding").hidden = mode !== "look";
  at("editing").hidden = mode !== "edit";
  at("rejecting").hidden = mode !== "reject";
  at("error").hidden = true;
  if (mode === "edit") {
    at("edit-question").value = pair.own?.question ?? pair.question;
    at("edit-answer").value = pair.own?.answer ?? pair.answer;
    at("edit-question").focus();
  } else if (mode === "reject") {
    at("why").value = "";
    at("reasons").firstElementChild.focus();
  } else if (inside || document.activeElement === document.body) {
    at("question").focus({ preventScroll: true });
  }
}

const begin = (wanted) => { if (pair && !busy) setMode(wanted); };

function choose(key) {
  if (mode === "edit") return say("Save or cancel the edit first.");
  setMode("look");
  pick(false);
  guarded(async () => {
    at("search").value = "";
    await open(key);
    say(`${at("queue-name").textContent}.`);
  }, true);
}

function search() {
  if (mode === "edit") return say("Save or cancel the edit first.");
  setMode("look");
  at("search").blur();
  pick(false);
  guarded(async () => { await open(queue); say(`${ids.length} found.`); }, true);
}

function pick(open) {
  at("picker").classList.toggle("open", open);
  at("picker-button").setAttribute("aria-expanded", String(open));
}

// ---- keys and buttons

const KEYS = {
  look: {
    a: () => pair && guarded(accept),
    r: () => begin("reject"),
    e: () => begin("edit"),
    u: () => guarded(undo),
    t: () => pair && guarded(takeBack),
    j: () => guarded(() => step(1)),
    k: () => guarded(() => step(-1)),
    ArrowRight: () => guarded(() => step(1)),
    ArrowLeft: () => guarded(() => step(-1)),
    "/": () => { pick(true); at("search").focus(); },
    "?": () => at("help").showModal(),
  },
  reject: { r: () => guarded(() => reject("")), Escape: () => setMode("look") },
  edit: { Escape: () => setMode("look") },
};
REASONS.forEach((why, number) => { KEYS.reject[number + 1] = () => guarded(() => reject(why)); });
const STEPS = ["j", "k", "ArrowLeft", "ArrowRight"]; // may be held down

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (at("help").open || event.altKey) return;
  if (mode === "edit" && key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return guarded(save);
  }
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  const typing = target.matches("input, textarea, select");
  if (typing && key !== "Escape") return;
  if (typing && mode === "look") return target.blur();
  const act = KEYS[mode][key];
  if (!act || (event.repeat && !STEPS.includes(key))) return;
  event.preventDefault();
  act();
});

const click = (id, act) => at(id).addEventListener("click", act);
click("accept", () => guarded(accept));
click("reject", () => begin("reject"));
click("change", () => begin("edit"));
click("undo", () => guarded(undo));
click("previous", () => guarded(() => step(-1)));
click("next", () => guarded(() => step(1)));
click("save", () => guarded(save));
click("cancel-edit", () => setMode("look"));
click("cancel-reject", () => setMode("look"));
click("help-button", () => at("help").showModal());
click("close-help", () => at("help").close());
click("picker-button", () => pick(!at("picker").classList.contains("open")));
at("why").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing) guarded(() => reject(at("why").value));
});
click("take-back", () => guarded(takeBack));
at("search").addEventListener("change", search);
at("search").addEventListener("input", () => at("search").value || search()); // its cross was clicked
at("by-concept").querySelector("input").addEventListener("input", () => showGroup("concept"));
for (const by of ["concept", "reason"]) {
  at(`by-${by}`).addEventListener("toggle", (event) => {
    if (event.target.open) guarded(async () => { groups[by] = await get(`/review/groups?by=${by}`); showGroup(by); }, true);
  });
}
at("reasons").append(...["no reason", ...REASONS].map((why, number) => {
  const made = element("button", { type: "button" }, element("kbd", {}, number ? String(number) : "r"), ` ${why}`);
  made.addEventListener("click", () => guarded(() => reject(number ? why : "")));
  return made;
}));
addEventListener("beforeunload", (event) => { if (mode === "edit") event.preventDefault(); });

guarded(async () => {
  state = await get("/review/state");
  try {
    await open(queue);
  } catch {
    await open("doubt"); // the address names a queue that is no more
  }
});
