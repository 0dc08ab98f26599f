/** Whether the page of a patient shows what the ward knows, and when it is loaded anew. Pure. */

import { gettext, interpolate } from "./language.js";

const AGAIN_MS = 5_000;

/** `isOutdated`: something has happened since `asOf`, which is when what the page shows was read. */
export const INITIAL_PAGE = { isOutdated: false, isAsked: false, isGone: false, hasFailed: false, again: 0, asOf: null };

/** Is there something new about the patient? Who was not followed before may have missed anything. */
export function changesPatient(before, after, patientId) {
  if (before === null) return true;
  return fingerprint(before, patientId) !== fingerprint(after, patientId);
}

export function outdated(page) {
  return { ...page, isOutdated: true };
}

/** Shall it be loaded now? One at a time, and after a failure not at once. */
export function isDue(page, time) {
  return page.isOutdated && !page.isAsked && !page.isGone && time >= page.again;
}

export function asked(page) {
  return { ...page, isAsked: true, isOutdated: false };
}

export function loaded(page, asOf, { isGone }) {
  return { ...page, isAsked: false, hasFailed: false, isGone, asOf: isGone ? page.asOf : asOf };
}

export function failed(page, time) {
  return { ...page, isAsked: false, isOutdated: true, hasFailed: true, again: time + AGAIN_MS };
}

/** What must be said about the page as a whole, or "". */
export function pageMessage(page, { onWard, time }) {
  if (page.isGone || !onWard) {
    return interpolate(gettext("This patient is no longer on this ward. What you see is as of %(time)s."), { time });
  }
  if (page.hasFailed) {
    return interpolate(gettext("Something has changed and could not be loaded yet. What you see is as of %(time)s."), { time });
  }
  return "";
}

function fingerprint({ rows, alerts }, patientId) {
  const row = rows.find((each) => each.patientId === patientId);
  const own = alerts.filter((alert) => alert.patientId === patientId).map(({ id, version }) => [id, version]);
  return JSON.stringify([row?.version, row?.bed, own]);
}
