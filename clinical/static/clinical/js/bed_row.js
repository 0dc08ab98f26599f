/** What a row of the board says in words, as `clinical/bed_rows.py` says it of the first page. Pure. */

import { alertFields } from "./alert_words.js";
import { age, timeOfDay } from "./clock.js";
import { stateAt } from "./due_state.js";
import { gettext, interpolate, ngettext } from "./language.js";
import { vitals } from "./vitals.js";
import { bandWord, day, flagWord, notScoredWord, NOTHING, partName, span } from "./words.js";

export { bandWord, PART_NAMES } from "./words.js";

const COUNTED = ["high", "medium", "low-medium", "unknown", "none"];

/** Everything that the row's template shows, as text; `vitals` is {part: {value, points}}. */
export function fields(row, now) {
  return {
    patient: row.patientId,
    bed: row.bed,
    name: row.name || gettext("Occupied"),
    identity: identity(row),
    flags: (row.flags ?? []).map((kind) => ({ kind, word: flagWord(kind) })),
    ...nurse(row.nurse, now),
    orders: row.draftOrders.map(({ drugName }) => order(drugName)),
    alerts: (row.alerts ?? []).map((alert) => alertFields(alert, now)),
    ...observationFields(row),
    ...times(row.observation, now),
  };
}

/** How many patients are in each band that counts: {band: number}. */
export function counts(rows) {
  const found = Object.fromEntries(COUNTED.map((band) => [band, 0]));
  for (const row of rows) {
    const { band } = observationFields(row);
    if (band in found) found[band] += 1;
  }
  return found;
}

function identity({ mrn, bornOn }) {
  return mrn ? interpolate(gettext("MRN %(mrn)s · born %(day)s"), { mrn, day: day(bornOn) }) : "";
}

function nurse(found, now) {
  if (!found || Date.parse(found.until) <= now) return { nurse: "", nurseUntil: "" };
  return { nurse: interpolate(gettext("Nurse: %(name)s"), { name: found.name }), nurseUntil: found.until };
}

function order(drug) {
  return drug ? interpolate(gettext("Draft: %(drug)s"), { drug }) : gettext("Draft order");
}

/** Without a score: nothing recorded yet or, with a reason, nobody whom the score was made for. */
function unscored(reason, found) {
  const band = reason ? "not-scored" : "none";
  return {
    score: NOTHING,
    band,
    bandWord: bandWord(band),
    red: "",
    note: reason ? notScoredWord(reason) : "",
    scale: "",
    trend: "",
    vitals: vitals(found, {}),
  };
}

function observationFields({ observation, notScored }) {
  const reason = notScored ?? observation?.notScored;
  if (observation === null || reason) return unscored(reason, observation);
  const { score } = observation;
  return {
    score: total(score),
    band: score.band,
    bandWord: bandWord(score.band),
    red: score.red ? gettext("RED") : "",
    note: note(observation),
    scale: observation.spo2Scale === 2 ? gettext("SpO₂ scale 2") : "",
    trend: trend(observation.trend),
    vitals: vitals(observation, score.parts),
  };
}

function total(score) {
  if (score.total !== null) return String(score.total);
  // A partial set has no total; what is certain of it must still be seen.
  return score.lowerBound ? `≥${score.lowerBound}` : "?";
}

function note({ score, version = 1 }) {
  return [partial(score.missing), version > 1 ? gettext("corrected") : ""].filter(Boolean).join(" · ");
}

function partial(missing) {
  const [part, other] = missing.map(partName);
  if (missing.length === 0) return "";
  if (missing.length === 1) return interpolate(gettext("partial: no %(part)s"), { part });
  if (missing.length === 2) return interpolate(gettext("partial: no %(part)s and no %(other)s"), { part, other });
  const words = ngettext("partial: %(count)s value missing", "partial: %(count)s values missing", missing.length);
  return interpolate(words, { count: missing.length });
}

function trend(found) {
  if (!found) return "";
  const words = {
    up: gettext("↑ up from %(score)s at %(time)s"),
    down: gettext("↓ down from %(score)s at %(time)s"),
    same: gettext("→ the same at %(time)s"),
  };
  return interpolate(words[found.direction], { score: found.previous, time: timeOfDay(Date.parse(found.since)) });
}

function times(found, now) {
  if (found === null) return { measuredAt: "", time: "", age: "", recordedBy: "", frequency: "", ...dueFields(undefined, undefined, now) };
  const measuredAt = Date.parse(found.measuredAt);
  return {
    measuredAt: found.measuredAt,
    time: timeOfDay(measuredAt),
    age: age(measuredAt, now),
    recordedBy: found.recordedBy,
    frequency: frequency(found),
    ...dueFields(found.dueAt, found.intervalMinutes, now),
  };
}

function frequency({ frequency: decided, intervalMinutes }) {
  if (!decided) return "";
  return interpolate(gettext("Every %(span)s by %(person)s"), { span: span(intervalMinutes), person: decided.by });
}

/** When the next set is due, and how overdue it is; of times as the wire or the page has them. */
export function dueFields(dueAt, interval, now) {
  const at = Date.parse(dueAt || undefined);
  const dueState = stateAt(at, Number(interval), now);
  if (dueState === "none") return { dueState, due: "", dueAt: "", interval: "" };
  const words = {
    "not-due": gettext("Next %(time)s"),
    due: gettext("Due %(age)s"),
    late: gettext("Late, due %(age)s"),
    missed: gettext("Missed, due %(age)s"),
  };
  const due = interpolate(words[dueState], { time: timeOfDay(at), age: age(at, now) });
  return { dueState, due, dueAt, interval: String(interval) };
}
