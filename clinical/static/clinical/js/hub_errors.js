/** What a failed call means to the person who made it. Pure. */

import { gettext } from "./language.js";

const OWN_TEXT = "HubException: ";
const FAILED = "on the server.";
const NOT_CONNECTED = "not in the 'Connected' State";

/** The text that the hub meant for us, or null. */
export function ownText(error) {
  const at = error.message.indexOf(OWN_TEXT);
  if (at === -1) return null;
  const text = error.message.slice(at + OWN_TEXT.length);
  return refusals()[text] ?? text;
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
  if (message.includes(FAILED)) return gettext("The server could not do this. Nothing was saved.");
  if (message.includes(NOT_CONNECTED)) return gettext("Not connected. Nothing was saved; try again when the board is live.");
  return gettext("The connection was lost. It is not known whether this was saved: look at the board before you try again.");
}

/** The hub's text taken apart by form field: {fields: {name: text}, rest: text}. */
export function byField(text) {
  const fields = {};
  let rest = text;
  for (const [name, label] of Object.entries(labels())) {
    const found = rest.match(new RegExp(`(?:^|(?<=\\. ))${label} (.+?\\.)(?: |$)`));
    if (found === null) continue;
    fields[name] = found[1][0].toUpperCase() + found[1].slice(1);
    rest = rest.replace(found[0], "");
  }
  return { fields, rest: rest.trim() };
}

/** The fields of a set, as the hub names them in the language of this connection. */
function labels() {
  return {
    respiration: gettext("Respiration"),
    spo2: gettext("SpO2"),
    systolic: gettext("Systolic pressure"),
    diastolic: gettext("Diastolic pressure"),
    pulse: gettext("Pulse"),
    temperature: gettext("Temperature"),
    measured_at: gettext("Time of measurement"),
  };
}

/** What the hub says in English whatever the language is, for programs know it by these words. */
function refusals() {
  return {
    "Access to this ward requires matching department assignment.": gettext("Access to this ward requires matching department assignment."),
    "Not found, or not available to you.": gettext("Not found, or not available to you."),
    "Your role does not allow this.": gettext("Your role does not allow this."),
    "Too many calls; wait a moment before the next one.": gettext("Too many calls; wait a moment before the next one."),
    "What you may see cannot be checked at the moment; try again later.": gettext("What you may see cannot be checked at the moment; try again later."),
  };
}
