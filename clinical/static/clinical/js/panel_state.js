/** Which bed is open and what is under way there. Pure. */

const UNSAVED = "These values are not saved. Close again to throw them away.";
export const CLOSED = { patientId: null, saving: false, warning: "" };

export function opened(patientId) {
  return { ...CLOSED, patientId };
}

/** Who leaves with unsaved values is warned once, then let go. */
export function closeAsked(panel, hasUnsaved) {
  if (panel.saving) return { ...panel, warning: "Saving. Please wait for the answer." };
  if (hasUnsaved && panel.warning === "") return { ...panel, warning: UNSAVED };
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
  if (!onWard) return "This patient is no longer on this ward.";
  if (!live) return "The board is not live, so nothing can be saved now. Your values stay here.";
  return "";
}
