/** What an alert in the list says in words, as `clinical/alert_rows.py` does for the page's first view. Pure. */

import { age, timeOfDay } from "./clock.js";
import { partName } from "./words.js";

const SIGNS = { high: "***", medium: "**", low: "*" };
const SEVERITIES = { high: "High", medium: "Medium", low: "Low" };
const CALLED = ["the ward", "the ward again", "a senior doctor", "the nurse in charge"];

/** Everything that the row's template shows of the alert, as text, and what the user may do with it. */
export function fields(alert, now, userId) {
  const raisedAt = Date.parse(alert.raisedAt);
  return {
    alert: alert.id,
    patient: alert.patientId,
    severity: alert.severity,
    sign: SIGNS[alert.severity],
    severityWord: SEVERITIES[alert.severity],
    title: title(alert),
    raisedAt: alert.raisedAt,
    time: timeOfDay(raisedAt),
    age: age(raisedAt, now),
    state: state(alert),
    next: next(alert),
    may: may(alert, userId),
  };
}

/** What the alert is about. */
export function title({ kind, severity, score, atLeast, red, dueAt }) {
  const names = red.map(partName).join(", ");
  if (kind === "score") return `NEWS2 ${atLeast ? "at least " : ""}${score}${names ? `, red: ${names}` : ""}`;
  if (kind === "red") return `Red: ${names}`;
  return `Observations ${severity === "low" ? "late" : "missed"}, due at ${timeOfDay(Date.parse(dueAt))}`;
}

/** The steps that are offered; the server decides. Whose time is over may be relieved by anybody. */
export function may({ state: word, ownerId, level }, userId) {
  if (word === "raised") return ["accept", "decline"];
  if (ownerId !== userId) return level > 0 ? ["accept"] : [];
  return ["decline", ...(word === "accepted" ? ["review"] : []), "resolve"];
}

/** One sentence for a screen reader. */
export function spoken(alert, row) {
  return `${SEVERITIES[alert.severity]} alert, bed ${row?.bed ?? "unknown"}: ${title(alert)}.`;
}

function state({ state: word, owner, level }) {
  if (word === "raised") return `Nobody has accepted. Called: ${CALLED[level]}`;
  const late = level > 0 ? `; time is over. Called: ${CALLED[level]}` : "";
  return `${owner} ${word === "accepted" ? "accepted" : "is at the bedside"}${late}`;
}

function next({ nextStepAt, level }) {
  return `${timeOfDay(Date.parse(nextStepAt))}: calls ${CALLED[Math.min(level + 1, CALLED.length - 1)]}`;
}
