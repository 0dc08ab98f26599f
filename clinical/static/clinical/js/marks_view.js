/** Shows the filters of the board and the marks of what has changed; says what people do with them. */

import { write } from "./bed_view.js";

const filters = () => document.querySelector("[data-filters]");

/** Calls `choose(name)` for a filter, `seen()` when somebody has looked at all marks. */
export function setUpMarks({ choose, seen }) {
  if (filters() === null) return;
  filters().hidden = false;
  filters().addEventListener("click", ({ target }) => {
    const button = target.closest("[data-filter]");
    if (button !== null) choose(button.dataset.filter);
  });
  document.querySelector("[data-show-all]").addEventListener("click", () => {
    choose("all");
    filters().querySelector("[data-filter=all]").focus();
  });
  document.querySelector("[data-seen]").addEventListener("click", seen);
}

export function showFilter(name, { counts, shown, notice }) {
  if (filters() === null) return;
  for (const button of filters().querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", String(button.dataset.filter === name));
    write(button.querySelector("[data-number]"), String(counts[button.dataset.filter]));
  }
  for (const row of document.querySelectorAll("#beds [data-patient]")) row.hidden = !shown.has(row.dataset.patient);
  const line = document.querySelector("[data-filtered]");
  line.hidden = notice === "";
  write(line.querySelector("[data-filtered-text]"), notice);
}

/** Marks these beds; `text` says how many they are, "" for none. */
export function showUnseen(beds, text) {
  for (const row of document.querySelectorAll("#beds [data-patient]")) {
    row.querySelector("[data-changed]").hidden = !beds.has(row.dataset.patient);
  }
  const line = document.querySelector("[data-unseen]");
  if (line === null) return;
  line.hidden = text === "";
  write(line.querySelector("[data-unseen-text]"), text);
}
