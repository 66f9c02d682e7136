"use strict";
// Answers side by side: two systems compared, filtered by who did better.

function answers({of, systems, colours, sets, items, left, right, matters}) {
  const form = document.getElementById("answers-form"), state = document.getElementById("answers-state");
  const {set, one, other, show, order, text} = form.elements;
  set.append(option("", "all sets"), ...sets.map((name, number) => option(number, name)));
  for (const [select, chosen] of [[one, left], [other, right]]) {
    select.append(...systems.map((name, number) => option(number, name)));
    select.value = systems.indexOf(chosen);
  }
  set.value = 0;

  // Better by more than `matters` is a win; where one has no answer there is nothing to compare.
  const difference = (item) => {
    const [a, b] = [item.p[one.value], item.p[other.value]];
    return a === null || b === null ? null : a - b;
  };
  const kind = (item) => {
    const much = difference(item);
    return much === null ? "" : much > matters ? "wins" : much < -matters ? "losses" : "ties";
  };

  function answer(item, system, found) {
    const said = item.a[system], points = item.p[system];
    const told = points === null ? "" : ` ${points.toFixed(2)}`;
    const block = make("li", "", make("b", "", systems[system]), make("small", "", told),
      item.r[system] ? make("span", "badge apart", "refuses") : "",
      make("p", "", said === null ? "(not asked)" : said ? marked(said, found) : "(empty)"));
    block.style.setProperty("--of", colours[system]);
    return block;
  }

  function card(item) {
    const found = searched(text.value, false, state);
    const chosen = [...new Set([Number(one.value), Number(other.value)])];
    const oracle = systems.indexOf("oracle");
    if (oracle >= 0 && item.a[oracle] !== null && !chosen.includes(oracle)) chosen.push(oracle);
    const rest = systems.map((_, number) => number).filter((n) => !chosen.includes(n) && item.a[n] !== null);
    const much = difference(item);
    const verdict = {wins: ["good", "▲\u00a0win"], losses: ["bad", "▼\u00a0loss"], ties: ["even", "≈\u00a0tie"]}[kind(item)];
    return make("li", "item",
      make("h3", "", make("span", "badge", sets[item.set]), " ", marked(item.q, found), " ",
        verdict ? make("span", `verdict ${verdict[0]}`, `${verdict[1]}\u00a0${much >= 0 ? "+" : ""}${much.toFixed(2)}`) : ""),
      make("p", "reference", make("b", "", "Reference "),
        item.ref ? marked(item.ref, found) : "none: the documents do not say"),
      make("ul", "answers", ...chosen.map((system) => answer(item, system, found))),
      rest.length ? make("details", "", make("summary", "", `${rest.length} more answer${rest.length > 1 ? "s" : ""}`),
        make("ul", "answers", ...rest.map((system) => answer(item, system, found)))) : "");
  }

  const pages = new Pages(document.getElementById("answers-list"), document.getElementById("answers-more"), 10, card);
  const keys = {
    best: (item) => -(item.p[one.value] ?? -1), worst: (item) => item.p[one.value] ?? 2,
    gain: (item) => -(difference(item) ?? -9), loss: (item) => difference(item) ?? 9,
  };
  function update() {
    const found = searched(text.value, false, state);
    const inSet = items.filter((item) => (set.value === "" || item.set === Number(set.value)) && (!found ||
      [item.q, item.ref, ...item.a].some((said) => said && said.search(found) >= 0)));
    const of_ = (what) => inSet.filter((item) => kind(item) === what).length;
    const chosen = inSet.filter((item) => show.value === "" || (show.value === "refuses" ? item.r[one.value] :
      kind(item) === show.value));
    chosen.sort((a, b) => keys[order.value](a) - keys[order.value](b));
    state.textContent = `${chosen.length.toLocaleString("en")} of ${items.length.toLocaleString("en")} items` +
      (of > items.length ? ` (drawn by a hash from ${of.toLocaleString("en")})` : "") +
      `; ${systems[one.value]} against ${systems[other.value]}: ${of_("wins")} wins, ${of_("losses")} losses, ${of_("ties")} ties`;
    pages.set(chosen);
  }
  onChange(form, update);
  update();
}
