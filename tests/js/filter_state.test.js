import assert from "node:assert/strict";
import test from "node:test";

import { filtered } from "../../clinical/static/clinical/js/filter_state.js";

const now = Date.parse("2026-11-24T14:00:00Z");
const me = { user: 7, now };

function row(patientId, band, { dueAt, alerts = [], ...more } = {}) {
  return { patientId, alerts, observation: { score: { band }, dueAt, intervalMinutes: 60 }, ...more };
}

const well = row("a", "routine", { dueAt: "2026-11-24T15:00:00Z", nurse: { id: 7, until: "2026-11-24T20:00:00Z" } });
const ill = row("b", "high", { dueAt: "2026-11-24T13:50:00Z", alerts: [{ ownerId: 7 }] });
const red = row("c", "low-medium", { alerts: [{ ownerId: null }], nurse: { id: 8, until: "2026-11-24T20:00:00Z" } });
const unscored = row("d", "medium", { notScored: "pregnant", nurse: { id: 7, until: "2026-11-24T14:00:00Z" } });
const fresh = { patientId: "e", alerts: [], observation: null };
const rows = [well, ill, red, unscored, fresh];

test("each filter shows its beds and counts those of all", () => {
  const shown = (name) => [...filtered(name, rows, me).shown].join("");
  assert.equal(shown("all"), "abcde");
  assert.equal(shown("urgent"), "bc");
  assert.equal(shown("overdue"), "b");
  assert.equal(shown("alerts"), "bc");
  assert.equal(shown("mine"), "a");
  assert.equal(shown("owned"), "b");
  assert.deepEqual(filtered("mine", rows, me).counts, { all: 5, urgent: 2, overdue: 1, alerts: 2, mine: 1, owned: 1 });
});

test("a filtered board says so, and whether it hides somebody who needs help", () => {
  assert.equal(filtered("all", rows, me).notice, "");
  assert.equal(filtered("owned", rows, me).notice, "1 of 5 beds are shown. Of the hidden ones, 1 need somebody.");
  assert.equal(filtered("urgent", rows, me).notice, "2 of 5 beds are shown.");
});

test("a filter that hides nobody says nothing", () => {
  assert.equal(filtered("alerts", [ill, red], me).notice, "");
});
