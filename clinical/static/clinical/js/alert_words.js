/** What the board says of an open alert, as `clinical/alert_words.py` says it of the first page. Pure. */

import { age } from "./clock.js";
import { gettext, interpolate } from "./language.js";
import { partName } from "./words.js";

// Asterisks as monitors have them, so that colour says nothing alone.
const SIGNS = { high: "***", medium: "**", low: "*" };

/** An alert as on the wire, as texts: severity, what it is about, whose it is, since when. */
export function alertFields(alert, now) {
  return {
    severity: alert.severity,
    severityWord: severityWord(alert.severity),
    sign: SIGNS[alert.severity] ?? "",
    reason: reason(alert),
    owner: owner(alert),
    raisedAt: alert.raisedAt,
    alertAge: age(Date.parse(alert.raisedAt), now),
  };
}

export function severityWord(severity) {
  if (severity === "high") return gettext("High alert");
  return severity === "medium" ? gettext("Medium alert") : gettext("Low alert");
}

function reason({ kind, score, atLeast, red }) {
  if (kind === "score") return interpolate(gettext("NEWS2 %(score)s"), { score: `${atLeast ? "≥" : ""}${score}` });
  if (kind === "red") return interpolate(gettext("RED: %(parts)s"), { parts: red.map(partName).join(", ") });
  return gettext("Observations overdue");
}

/** Whose it is, and how far it has climbed where that was needed. */
function owner({ owner: name, level, state }) {
  const who = name ?? gettext("nobody yet");
  if (level > 0) return `${who}, ${called(level)}`;
  return state === "in_progress" ? `${who}, ${gettext("at the bedside")}` : who;
}

function called(level) {
  if (level === 1) return gettext("called again");
  return level === 2 ? gettext("senior doctor called") : gettext("nurse in charge called");
}
