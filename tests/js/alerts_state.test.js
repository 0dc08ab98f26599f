import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { ALERT_EVENT_NAMES, alertsAfter, calling, inOrder } from "../../clinical/static/clinical/js/alerts_state.js";

const alert = (id, changes = {}) => ({
  id, patientId: "p", version: 1, severity: "medium", state: "raised", level: 0, raisedAt: "2026-11-24T14:00:00Z", ...changes,
});
const event = (name, changed) => ({ name, payload: { alert: changed } });

test("an alert comes, changes and goes by its events", () => {
  let alerts = alertsAfter([], event("AlertRaised", alert("a")));
  assert.deepEqual(alerts.map(({ id }) => id), ["a"]);
  alerts = alertsAfter(alerts, event("AlertAccepted", alert("a", { version: 2, state: "accepted", owner: "Nora" })));
  assert.deepEqual(alerts.map(({ owner }) => owner), ["Nora"]);
  assert.deepEqual(alertsAfter(alerts, event("AlertResolved", alert("a", { version: 3, state: "resolved" }))), []);
});

test("an event that is late or comes twice changes nothing", () => {
  const alerts = [alert("a", { version: 3, state: "accepted" })];
  assert.equal(alertsAfter(alerts, event("AlertRaised", alert("a", { version: 1 }))), alerts);
  assert.equal(alertsAfter(alerts, event("AlertAccepted", alert("a", { version: 3 }))), alerts);
  assert.equal(alertsAfter([], event("AlertResolved", alert("b", { state: "resolved" }))).length, 0);
});

test("every ending takes it away", () => {
  for (const state of ["resolved", "superseded", "cancelled", "closed"]) {
    assert.deepEqual(alertsAfter([alert("a")], event("AlertClosed", alert("a", { version: 2, state }))), []);
  }
});

test("a patient who leaves takes the alerts along, and nobody else's", () => {
  const alerts = [alert("a"), alert("b", { patientId: "q" })];
  const left = alertsAfter(alerts, { name: "PatientLeft", payload: { patientId: "p", version: 9 } });
  assert.deepEqual(left.map(({ id }) => id), ["b"]);
  assert.equal(alertsAfter(left, { name: "PatientLeft", payload: { patientId: "nobody" } }), left);
});

test("other events leave them as they are", () => {
  const alerts = [alert("a")];
  assert.equal(alertsAfter(alerts, { name: "OrderDrafted", payload: { patientId: "p", version: 9 } }), alerts);
});

test("the gravest stands first, among equals who has waited longest", () => {
  const alerts = [
    alert("low", { severity: "low" }),
    alert("younger", { severity: "high", raisedAt: "2026-11-24T14:00:00.2Z" }),
    alert("older", { severity: "high", raisedAt: "2026-11-24T14:00:00.100Z" }),
    alert("medium"),
  ];
  assert.deepEqual(inOrder(alerts).map(({ id }) => id), ["older", "younger", "medium", "low"]);
});

test("what is new or was called further calls for somebody, nothing else", () => {
  const before = [alert("a"), alert("b", { level: 1 })];
  const after = [alert("a", { version: 2, level: 1 }), alert("b", { version: 2, level: 0, state: "accepted" }), alert("c")];
  assert.deepEqual(calling(before, after).map(({ id }) => id), ["a", "c"]);
});

test("the names are those of the server's events", () => {
  const server = readFileSync(new URL("../../clinical/alert_events.py", import.meta.url), "utf8");
  const names = [...server.matchAll(/^class (\w+)\(AlertEvent/gm)].map(([, name]) => name);
  assert.deepEqual([...ALERT_EVENT_NAMES].sort(), names.sort());
});
