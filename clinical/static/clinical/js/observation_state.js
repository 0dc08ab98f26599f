/** What somebody has typed into the observation form, made into what the hub takes. Pure. */

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
  return { input, errors };
}

/** What a set would lack, in words; empty for a complete set and for an empty form. */
export function partialHint(values) {
  const missing = Object.keys(SCORED).filter((name) => !values[name]?.trim());
  if (missing.length === 0 || isEmpty(values)) return "";
  return `Partial set, without a total: no ${missing.map((name) => SCORED[name]).join(", no ")}.`;
}

export function isEmpty(values) {
  return Object.values(values).every((value) => !value?.trim());
}

/** What is said when a set has been saved. */
export function savedText({ score }, word) {
  const total = score.total === null ? `partial, at least ${score.lowerBound}` : score.total;
  return `Saved. NEWS2 ${total}: ${word}${score.red ? ", RED" : ""}.`;
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
