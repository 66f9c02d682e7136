"use strict";
// Everything that comes from data is set as text, never as HTML.

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

// The text with what `found` (a global RegExp, or null) matches in it marked.
function marked(text, found) {
  const parts = document.createDocumentFragment();
  let place = 0;
  for (const match of found ? text.matchAll(found) : []) {
    if (!match[0]) continue;
    parts.append(text.slice(place, match.index), make("mark", "", match[0]));
    place = match.index + match[0].length;
  }
  parts.append(text.slice(place));
  return parts;
}

function option(value, text) {
  const one = make("option", "", text);
  one.value = value;
  return one;
}

// Shows some of the things, and more on demand. `state` is where it says how many there are.
class Pages {
  constructor(list, more, size, card) {
    Object.assign(this, {list, more, size, card, things: [], shown: 0});
    more.addEventListener("click", () => {
      const first = this.shown;
      this.extend();
      this.list.children[first].focus();
    });
  }

  set(things) {
    this.things = things;
    this.shown = 0;
    this.list.replaceChildren();
    this.extend();
  }

  extend() {
    const next = this.things.slice(this.shown, this.shown + this.size).map(this.card);
    for (const one of next) one.tabIndex = -1;
    this.list.append(...next);
    this.shown += next.length;
    this.more.hidden = this.shown >= this.things.length;
    this.more.textContent = `Show more (${(this.things.length - this.shown).toLocaleString("en")} left)`;
  }
}

// Calls `update` when a control of the form changes, a moment after the last key.
function onChange(form, update) {
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 120);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

// The RegExp of a search, null for none; what is not valid is told in `state`, and undefined.
function searched(text, regular, state) {
  if (!text) return null;
  try {
    return new RegExp(regular ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
  } catch (error) {
    state.textContent = error.message;
    return undefined;
  }
}

// Plots are drawn when they come into view; a click on a part leads to the element that it names.
function plots(specs) {
  const seen = new IntersectionObserver((entries) => {
    for (const {isIntersecting, target} of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(target.querySelector(".drawing"), specs[target.dataset.plot]).then(({view}) => {
        view.addEventListener("click", (event, item) => reveal(item && item.datum && item.datum.target));
        target.dataset.drawn = "";
      });
    }
  }, {rootMargin: "300px"});
  for (const figure of document.querySelectorAll("[data-plot]")) seen.observe(figure);
}

function reveal(id) {
  const element = id && document.getElementById(id);
  if (!element) return;
  for (let one = element; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  element.scrollIntoView({block: "center"});
  (element.querySelector("summary") || element).focus({preventScroll: true});
}
