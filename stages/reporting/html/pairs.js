"use strict";
// Pairs to look through: filters with counts, and search by text or regular expression.

function pairs({of, columns, rows}) {
  const form = document.getElementById("pairs-form"), state = document.getElementById("pairs-state");
  const {text, regular, where} = form.elements;
  const column = Object.fromEntries(columns.map((name, number) => [name, number]));
  const filters = ["fate", "reason", "source", "origin", "form", "language"];
  for (const name of filters) {
    const counts = new Map();
    for (const row of rows) counts.set(row[column[name]], (counts.get(row[column[name]]) || 0) + 1);
    const ordered = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    if (counts.size < 2) form.elements[name].parentElement.hidden = true; // nothing to choose
    form.elements[name].append(option("*", "all"),
      ...ordered.map(([value, count]) => option(`=${value}`, `${value || "(none)"} (${count.toLocaleString("en")})`)));
  }

  function card(row) {
    const found = searched(text.value, regular.checked, state);
    const at = (name) => row[column[name]];
    const inIt = (name) => (where.value === "" || where.value === name ? found : null);
    const link = at("link") ? make("a", "", "source") : "";
    if (link) Object.assign(link, {href: at("link"), rel: "noreferrer noopener"});
    const bits = [at("source"), at("topic"), [at("origin"), at("form")].filter(Boolean).join(", "), at("scores"), at("id")];
    return make("li", "item",
      make("h3", "", marked(at("question"), inIt("question"))),
      make("p", "", marked(at("answer"), inIt("answer"))),
      at("evidence") ? make("p", "soft", make("b", "", "Evidence "), marked(at("evidence"), inIt("evidence"))) : "",
      make("p", "soft", make("span", "badge", at("fate") + (at("reason") ? `: ${at("reason")}` : "") + (at("value") ? ` (${at("value")})` : "")), " ",
        bits.filter(Boolean).join(" · "), link ? " · " : "", link));
  }

  const pages = new Pages(document.getElementById("pairs-list"), document.getElementById("pairs-more"), 20, card);
  function update() {
    const found = searched(text.value, regular.checked, state);
    if (found === undefined) return pages.set([]);
    const fields = where.value === "" ? ["question", "answer", "evidence", "id"] : [where.value];
    let matches = 0;
    const chosen = rows.filter((row) => {
      if (!filters.every((name) => form.elements[name].value === "*" ||
        form.elements[name].value === `=${row[column[name]]}`)) return false;
      if (!found) return true;
      let here = 0;
      for (const name of fields) here += [...row[column[name]].matchAll(found)].filter((match) => match[0]).length;
      matches += here;
      return here > 0;
    });
    state.textContent = `${chosen.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} pairs` +
      (of > rows.length ? ` (a random sample of ${of.toLocaleString("en")})` : "") +
      (found ? `, ${matches.toLocaleString("en")} matches` : "");
    pages.set(chosen);
  }
  onChange(form, update);
  update();
}
