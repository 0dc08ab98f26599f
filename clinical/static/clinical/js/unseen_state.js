/** Which beds have changed while nobody could see it, until somebody has looked. Pure. */

/** `left` is what the rows were when the screen was last watched, null while it is watched. */
export const NOTHING_UNSEEN = { left: null, beds: new Set() };

/** Nobody looks from now on: the tab is hidden, or the board is not live. What is held already stays the measure. */
export function watchEnded(unseen, rows) {
  return unseen.left === null ? { ...unseen, left: fingerprints(rows) } : unseen;
}

/** Somebody looks again, at these rows; who changed, came or was moved meanwhile is marked. */
export function watchBegan(unseen, rows) {
  if (unseen.left === null) return unseen;
  const changed = rows.filter((row) => unseen.left.get(row.patientId) !== fingerprint(row));
  const present = new Set(rows.map(({ patientId }) => patientId));
  const beds = new Set([...unseen.beds, ...changed.map(({ patientId }) => patientId)]);
  return { left: null, beds: new Set([...beds].filter((patientId) => present.has(patientId))) };
}

export function bedSeen(unseen, patientId) {
  if (!unseen.beds.has(patientId)) return unseen;
  return { ...unseen, beds: new Set([...unseen.beds].filter((each) => each !== patientId)) };
}

export function allSeen(unseen) {
  return { ...unseen, beds: new Set() };
}

function fingerprints(rows) {
  return new Map(rows.map((row) => [row.patientId, fingerprint(row)]));
}

/** Alerts have versions of their own, which leave the patient's as it is. */
function fingerprint({ version, bed, alerts = [] }) {
  return JSON.stringify([version, bed, alerts.map(({ id, version: step }) => [id, step])]);
}
