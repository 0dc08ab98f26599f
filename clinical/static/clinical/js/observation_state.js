/** What somebody has typed into the observation form, made into what the hub takes. Pure. */

import { instantOf } from "./clock.js";

const WHOLE_NUMBERS = ["respiration", "spo2", "systolic", "diastolic", "pulse"];
const SCORED = {
  respiration: "respiration",
  spo2: "SpO₂",
  oxygen: "air or oxygen",
  systolic: "blood pressure",
  pulse: "pulse",
  consciousness: "ACVPU",
  temperature: "temperature",
};

const MEASURED = [...Object.keys(SCORED), "diastolic"];

/**
 * `values` are the form's texts by name. Answers {input, errors}: `errors` has a text by field for what is no
 * number at all; whether a number can be, the server says.
 */
export function parse(values) {
  const errors = {};
  const input = {};
  for (const name of WHOLE_NUMBERS) input[name] = number(name, values[name], /^\d{1,4}$/, "Give a whole number.", errors);
  input.temperature = number("temperature", values.temperature, /^\d{1,3}([.,]\d+)?$/, "Give a number such as 37.2.", errors);
  input.onOxygen = { oxygen: true, air: false }[values.oxygen] ?? null;
  input.consciousness = values.consciousness || null;
  input.missingReason = values.missing_reason || null;
  input.measuredAt = time(values.measured_at, errors);
  return { input, errors };
}

/** What a set would lack, in words; empty for a complete set and for an empty form. */
export function partialHint(values) {
  const missing = Object.keys(SCORED).filter((name) => !values[name]?.trim());
  if (missing.length === 0 || isEmpty(values)) return "";
  return `Partial set, without a total: no ${missing.map((name) => SCORED[name]).join(", no ")}.`;
}

export function isEmpty(values) {
  return MEASURED.every((name) => !values[name]?.trim());
}

/** What is said when a set has been saved. */
export function savedText({ score }, word) {
  const total = score.total === null ? `partial, at least ${score.lowerBound}` : score.total;
  return `Saved. NEWS2 ${total}: ${word}${score.red ? ", RED" : ""}.`;
}

function time(text, errors) {
  if (!text?.trim()) return null;
  const at = instantOf(text.trim());
  if (at === null) errors.measured_at = "Give a date and a time.";
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
