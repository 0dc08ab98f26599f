/** What somebody has typed into the observation form, made into what the hub takes. Pure. */

import { instantOf } from "./clock.js";
import { gettext, interpolate } from "./language.js";
import { partName, PARTS } from "./words.js";

const WHOLE_NUMBERS = ["respiration", "spo2", "systolic", "diastolic", "pulse"];
const MEASURED = [...PARTS, "diastolic"];

/**
 * `values` are the form's texts by name. Answers {input, errors}: `errors` has a text by field for what is no
 * number at all; whether a number can be, the server says.
 */
export function parse(values) {
  const errors = {};
  const input = {};
  for (const name of WHOLE_NUMBERS) input[name] = number(name, values[name], /^\d{1,4}$/, gettext("Give a whole number."), errors);
  input.temperature = number("temperature", values.temperature, /^\d{1,3}([.,]\d+)?$/, gettext("Give a number such as 37.2."), errors);
  input.onOxygen = { oxygen: true, air: false }[values.oxygen] ?? null;
  input.consciousness = values.consciousness || null;
  input.missingReason = values.missing_reason || null;
  input.measuredAt = time(values.measured_at, errors);
  return { input, errors };
}

/** What a set would lack, in words; empty for a complete set and for an empty form. */
export function partialHint(values) {
  const missing = PARTS.filter((name) => !values[name]?.trim());
  if (missing.length === 0 || isEmpty(values)) return "";
  const named = missing.map((name) => interpolate(gettext("no %(part)s"), { part: partName(name) }));
  return interpolate(gettext("Partial set, without a total: %(missing)s."), { missing: named.join(", ") });
}

export function isEmpty(values) {
  return MEASURED.every((name) => !values[name]?.trim());
}

/** What is said when a set has been saved. */
export function savedText({ score }, band) {
  const words = score.red ? gettext("Saved. NEWS2 %(total)s: %(band)s, RED.") : gettext("Saved. NEWS2 %(total)s: %(band)s.");
  return interpolate(words, { total: score.total ?? atLeast(score), band });
}

function atLeast({ lowerBound }) {
  return interpolate(gettext("partial, at least %(score)s"), { score: lowerBound });
}

function time(text, errors) {
  if (!text?.trim()) return null;
  const at = instantOf(text.trim());
  if (at === null) errors.measured_at = gettext("Give a date and a time.");
  return at === null ? null : new Date(at).toISOString();
}

function number(name, text, pattern, message, errors) {
  const trimmed = (text ?? "").trim();
  if (trimmed === "") return null;
  if (!pattern.test(trimmed)) {
    errors[name] = message;
    return null;
  }
  return Number(trimmed.replace(",", "."));
}
