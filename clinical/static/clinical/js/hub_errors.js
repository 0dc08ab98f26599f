/** What a failed call means to the person who made it. Pure. */

const OWN_TEXT = "HubException: ";
const FAILED = "on the server.";
const NOT_CONNECTED = "not in the 'Connected' State";
const FIELDS = {
  Respiration: "respiration",
  SpO2: "spo2",
  "Systolic pressure": "systolic",
  "Diastolic pressure": "diastolic",
  Pulse: "pulse",
  Temperature: "temperature",
  "Time of measurement": "measured_at",
};

/** The text that the hub meant for us, or null. */
export function ownText(error) {
  const at = error.message.indexOf(OWN_TEXT);
  return at === -1 ? null : error.message.slice(at + OWN_TEXT.length);
}

export function isUnauthorized(error) {
  return error.message.endsWith("because user is unauthorized");
}

/** Was the call sent, and lost before its answer came? Then only the server knows what became of it. */
export function isUnanswered(error) {
  return !isUnauthorized(error) && ![OWN_TEXT, FAILED, NOT_CONNECTED].some((text) => error.message.includes(text));
}

/** One sentence or two. `refusal` is said to somebody whose role does not allow the call. */
export function sentence(error, refusal) {
  const { message } = error;
  if (isUnauthorized(error)) return refusal;
  if (ownText(error) !== null) return ownText(error);
  if (message.includes(FAILED)) return "The server could not do this. Nothing was saved.";
  if (message.includes(NOT_CONNECTED)) return "Not connected. Nothing was saved; try again when the board is live.";
  return "The connection was lost. It is not known whether this was saved: look at the board before you try again.";
}

/** The hub's text taken apart by form field: {fields: {name: text}, rest: text}. */
export function byField(text) {
  const fields = {};
  let rest = text;
  for (const [label, name] of Object.entries(FIELDS)) {
    const found = rest.match(new RegExp(`(?:^|(?<=\\. ))${label} (.+?\\.)(?: |$)`));
    if (found === null) continue;
    fields[name] = found[1][0].toUpperCase() + found[1].slice(1);
    rest = rest.replace(found[0], "");
  }
  return { fields, rest: rest.trim() };
}
