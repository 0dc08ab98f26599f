/** What somebody is asked once before a set is saved, and told of what others have saved meanwhile. Pure. */

import { decimal, gettext, interpolate } from "./language.js";

// Asked for one by one: the catalogue may come after this module.
const LABELS = {
  get respiration() { return gettext("Respiration"); },
  get spo2() { return gettext("SpO₂"); },
  get systolic() { return gettext("Systolic pressure"); },
  get diastolic() { return gettext("Diastolic pressure"); },
  get pulse() { return gettext("Pulse"); },
  get temperature() { return gettext("Temperature"); },
};

/**
 * `input` is what would be sent, `ranges` are {name: {usual, possible}}, each [least, most], `isPartial` is whether a
 * measurement is missing. What is unusual may be true, and what is missing may stay so: the answer is a click, never a
 * block. What cannot be is refused by the server, and nobody is asked about it.
 */
export function questions(input, ranges, isPartial) {
  const asked = Object.keys(LABELS)
    .filter((name) => isUnusual(input[name], ranges[name]))
    .map((name) => unusual(LABELS[name], decimal(String(input[name]))));
  if (isPartial && input.missingReason === null) asked.push(gettext("It is not said why values are missing. Save without a reason?"));
  return asked;
}

/** Says who has recorded a set since the form was opened; "" for nobody. `known` are the ids of sets seen by then. */
export function newerSet(known, observation, time) {
  if (!observation || known.includes(observation.setId)) return "";
  const words = gettext("%(person)s has recorded a set of %(time)s (%(score)s) since this form was opened.");
  return interpolate(words, { person: observation.recordedBy, time, score: scoreOf(observation) });
}

function unusual(measurement, value) {
  return interpolate(gettext("%(measurement)s %(value)s is unusual. Is that what was measured?"), { measurement, value });
}

function scoreOf({ notScored, score: { total, lowerBound } }) {
  if (notScored) return gettext("not scored");
  if (total === null) return interpolate(gettext("NEWS2 at least %(score)s"), { score: lowerBound });
  return interpolate(gettext("NEWS2 %(score)s"), { score: total });
}

function isUnusual(value, range) {
  if (value === null || value === undefined || range === undefined) return false;
  return isWithin(value, range.possible) && !isWithin(value, range.usual);
}

function isWithin(value, [least, most]) {
  return least <= value && value <= most;
}
