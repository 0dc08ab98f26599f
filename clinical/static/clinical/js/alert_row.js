/** What an alert in the list says in words, as `clinical/alert_rows.py` does for the page's first view. Pure. */

import { severityWord } from "./alert_words.js";
import { age, timeOfDay } from "./clock.js";
import { gettext, interpolate } from "./language.js";
import { bandWord, partName } from "./words.js";

const SIGNS = { high: "***", medium: "**", low: "*" };

/** Everything that the row's template shows of the alert, as text, and what the user may do with it. */
export function fields(alert, now, userId) {
  const raisedAt = Date.parse(alert.raisedAt);
  return {
    alert: alert.id,
    patient: alert.patientId,
    severity: alert.severity,
    sign: SIGNS[alert.severity],
    severityWord: bandWord(alert.severity),
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
  const parts = red.map(partName).join(", ");
  if (kind === "score") {
    const words = interpolate(atLeast ? gettext("NEWS2 at least %(score)s") : gettext("NEWS2 %(score)s"), { score });
    return parts ? interpolate(gettext("%(score)s, red: %(parts)s"), { score: words, parts }) : words;
  }
  if (kind === "red") return interpolate(gettext("Red: %(parts)s"), { parts });
  const words = severity === "low" ? gettext("Observations late, due at %(time)s") : gettext("Observations missed, due at %(time)s");
  return interpolate(words, { time: timeOfDay(Date.parse(dueAt)) });
}

/** The steps that are offered; the server decides. Whose time is over may be relieved by anybody. */
export function may({ state: word, ownerId, level }, userId) {
  if (word === "raised") return ["accept", "decline"];
  if (ownerId !== userId) return level > 0 ? ["accept"] : [];
  return ["decline", ...(word === "accepted" ? ["review"] : []), "resolve"];
}

/** One sentence for a screen reader. */
export function spoken(alert, row) {
  const values = { alert: severityWord(alert.severity), bed: row?.bed ?? gettext("unknown"), title: title(alert) };
  return interpolate(gettext("%(alert)s, bed %(bed)s: %(title)s."), values);
}

/** Who has been called, or will be; the last is called again. */
function calledWord(level) {
  const words = [gettext("the ward"), gettext("the ward again"), gettext("a senior doctor"), gettext("the nurse in charge")];
  return words[Math.min(level, words.length - 1)];
}

function state({ state: word, owner, level }) {
  const called = calledWord(level);
  if (word === "raised") return interpolate(gettext("Nobody has accepted. Called: %(called)s"), { called });
  const words = interpolate(word === "accepted" ? gettext("%(owner)s accepted") : gettext("%(owner)s is at the bedside"), { owner });
  return level > 0 ? interpolate(gettext("%(state)s; time is over. Called: %(called)s"), { state: words, called }) : words;
}

function next({ nextStepAt, level }) {
  const values = { time: timeOfDay(Date.parse(nextStepAt)), called: calledWord(level + 1) };
  return interpolate(gettext("%(time)s: calls %(called)s"), values);
}
