/** The open alerts of a ward, from the snapshot and the events after it. Pure. */

const OPEN = new Set(["raised", "accepted", "in_progress"]);
const RANKS = { high: 0, medium: 1, low: 2 };

export const ALERT_EVENT_NAMES = [
  "AlertRaised", "AlertRepeated", "AlertCorrected", "AlertAccepted", "AlertDeclined", "AlertReturned", "AlertStarted",
  "AlertRenotified", "AlertEscalated", "AlertMoved", "AlertResolved", "AlertSuperseded", "AlertCancelled", "AlertClosed",
];

/** The alerts after one event of a ward's feed; the same object where nothing has changed. */
export function alertsAfter(alerts, { name, payload }) {
  if (name === "PatientLeft") return without(alerts, ({ patientId }) => patientId === payload.patientId);
  return payload.alert === undefined ? alerts : taken(alerts, payload.alert);
}

/** Events carry state: what is known already, or newer, changes nothing. What is over leaves the list. */
function taken(alerts, alert) {
  const old = alerts.find(({ id }) => id === alert.id);
  if (old !== undefined && alert.version <= old.version) return alerts;
  const others = without(alerts, ({ id }) => id === alert.id);
  return OPEN.has(alert.state) ? [...others, alert] : others;
}

/** As the list shows them: the gravest first, among equals who has waited longest. */
export function inOrder(alerts) {
  return [...alerts].sort(
    (a, b) => RANKS[a.severity] - RANKS[b.severity] || Date.parse(a.raisedAt) - Date.parse(b.raisedAt) || (a.id < b.id ? -1 : 1),
  );
}

/** Those that call for somebody just now and did not before: raised, or called further. */
export function calling(before, after) {
  const known = new Map(before.map((alert) => [alert.id, alert.level]));
  return after.filter(({ id, level }) => !known.has(id) || level > known.get(id));
}

function without(alerts, isGone) {
  const rest = alerts.filter((alert) => !isGone(alert));
  return rest.length === alerts.length ? alerts : rest;
}
