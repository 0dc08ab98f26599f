/** Which beds a filter shows, and what is said of those that it hides. Pure. */

import { dueState } from "./due_state.js";
import { gettext, interpolate } from "./language.js";

const URGENT = new Set(["high", "medium", "low-medium"]);
const OVERDUE = new Set(["due", "late", "missed"]);

/** Each filter by name: does it show this row? `user` is the number of who is logged in, `now` the server's time. */
const FILTERS = {
  all: () => true,
  urgent: (row) => isUrgent(row),
  overdue: (row, { now }) => OVERDUE.has(dueState(row, now)),
  alerts: (row) => row.alerts.length > 0,
  mine: ({ nurse }, { user, now }) => nurse?.id === user && now < Date.parse(nurse.until),
  owned: (row, { user }) => row.alerts.some(({ ownerId }) => ownerId === user),
};

/** What the filter bar and the beds show: {counts, shown, notice}; `shown` are the patients. */
export function filtered(name, rows, situation) {
  const shown = new Set(rows.filter((row) => FILTERS[name](row, situation)).map(({ patientId }) => patientId));
  const counted = Object.entries(FILTERS).map(([each, shows]) => [each, rows.filter((row) => shows(row, situation)).length]);
  return { counts: Object.fromEntries(counted), shown, notice: notice(rows, shown) };
}

/** A filtered board may not pass for the whole, least of all where somebody needs help. */
function notice(rows, shown) {
  const hidden = rows.filter(({ patientId }) => !shown.has(patientId));
  if (hidden.length === 0) return "";
  const urgent = hidden.filter((row) => isUrgent(row) || row.alerts.length > 0).length;
  const words =
    urgent > 0
      ? gettext("%(shown)s of %(all)s beds are shown. Of the hidden ones, %(urgent)s need somebody.")
      : gettext("%(shown)s of %(all)s beds are shown.");
  return interpolate(words, { shown: shown.size, all: rows.length, urgent });
}

function isUrgent({ observation, notScored }) {
  return !notScored && URGENT.has(observation?.score.band);
}
