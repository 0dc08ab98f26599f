/** Which bed is open and what is under way there. Pure. */

import { gettext } from "./language.js";

export const CLOSED = { patientId: null, saving: false, warning: "", key: null, known: [] };

/** `key` is of the set that will be entered; `newest` the id of the set that the bed shows, or undefined. */
export function opened(patientId, { key = null, newest } = {}) {
  return { ...CLOSED, patientId, key, known: [newest] };
}

/** The set is saved: the next one has another key, and the saved one is no news. */
export function setSaved(panel, { key, setId, newest }) {
  return { ...panel, key, known: [...panel.known, newest, setId] };
}

/** Who leaves with unsaved values is warned once, then let go. */
export function closeAsked(panel, hasUnsaved) {
  if (panel.saving) return { ...panel, warning: gettext("Saving. Please wait for the answer.") };
  if (hasUnsaved && panel.warning === "") return { ...panel, warning: gettext("These values are not saved. Close again to throw them away.") };
  return CLOSED;
}

export function saveStarted(panel) {
  return { ...panel, saving: true, warning: "" };
}

/** An answer that comes after the panel was closed leaves it closed. */
export function saveEnded(panel) {
  return panel.patientId === null ? CLOSED : { ...panel, saving: false, warning: "" };
}

/** May what is in the forms be sent? Not twice, not for somebody who has left, not without a live board. */
export function mayRecord(panel, { live, onWard }) {
  return panel.patientId !== null && !panel.saving && live && onWard;
}

/** What the panel must say, or "". */
export function message(panel, { live, onWard }) {
  if (panel.warning) return panel.warning;
  if (!onWard) return gettext("This patient is no longer on this ward.");
  if (!live) return gettext("The board is not live. Your values stay here; they can be saved on a page of its own.");
  return "";
}
