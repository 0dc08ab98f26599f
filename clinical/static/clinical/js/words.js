/** Words that several modules share, as `clinical/words.py` has them. Pure. */

import { gettext, interpolate } from "./language.js";

export const NOTHING = "–";
const BANDS = {
  get high() { return gettext("High"); },
  get medium() { return gettext("Medium"); },
  get "low-medium"() { return gettext("Low–medium"); },
  get low() { return gettext("Low"); },
  get routine() { return gettext("Routine"); },
  get unknown() { return gettext("Unknown"); },
  get "not-scored"() { return gettext("Not scored"); },
  get none() { return gettext("No observations"); },
};
// Asked for one by one: the catalogue may come after this module.
export const PART_NAMES = {
  get respiration() { return gettext("respiration"); },
  get spo2() { return gettext("SpO₂"); },
  get oxygen() { return gettext("air or oxygen"); },
  get systolic() { return gettext("blood pressure"); },
  get pulse() { return gettext("pulse"); },
  get consciousness() { return gettext("ACVPU"); },
  get temperature() { return gettext("temperature"); },
};
// Why somebody has no score; "withheld" on a screen that may not say why.
const NOT_SCORED = {
  get "under-16"() { return gettext("under 16 years"); },
  get pregnant() { return gettext("pregnant"); },
  get "end-of-life"() { return gettext("end-of-life plan"); },
};

// By the words of models.Flag.Kind.
const FLAGS = {
  get isolation() { return gettext("Isolation"); },
  get dnacpr() { return gettext("DNACPR"); },
  get falls() { return gettext("Falls risk"); },
  get "nil-by-mouth"() { return gettext("Nil by mouth"); },
  get pressure() { return gettext("Pressure injury risk"); },
  get diabetes() { return gettext("Diabetes"); },
  get "post-op"() { return gettext("After an operation"); },
  get palliative() { return gettext("Palliative care"); },
};

export const PARTS = Object.keys(PART_NAMES);

export function bandWord(band) {
  return BANDS[band] ?? band;
}

export function partName(part) {
  return PART_NAMES[part] ?? part;
}

export function notScoredWord(reason) {
  return NOT_SCORED[reason] ?? "";
}

export function flagWord(kind) {
  return FLAGS[kind] ?? kind;
}

/** "30 min", "4 h". */
export function span(minutes) {
  if (minutes % 60 !== 0) return interpolate(gettext("%(minutes)s min"), { minutes });
  return interpolate(gettext("%(hours)s h"), { hours: minutes / 60 });
}

/** "3 Jan 1930" of "1930-01-03". */
export function day(text) {
  const [year, month, date] = text.split("-").map(Number);
  return interpolate(gettext("%(day)s %(month)s %(year)s"), { day: date, month: months()[month - 1], year });
}

function months() {
  return [
    gettext("Jan"), gettext("Feb"), gettext("Mar"), gettext("Apr"), gettext("May"), gettext("Jun"),
    gettext("Jul"), gettext("Aug"), gettext("Sep"), gettext("Oct"), gettext("Nov"), gettext("Dec"),
  ];
}
