import assert from "node:assert/strict";
import test from "node:test";

import { change } from "../../clinical/static/clinical/js/announcement.js";

function row(bed, setId, score) {
  return { patientId: `p${bed}`, bed, observation: setId === null ? null : { setId, score } };
}

const HIGH = { total: 9, lowerBound: 9, band: "high" };
const LOW = { total: 1, lowerBound: 1, band: "low" };
const PARTIAL = { total: null, lowerBound: 5, band: "medium" };

test("a new urgent set is told with bed, score and band", () => {
  assert.equal(change([row("4", "s1", LOW)], [row("4", "s2", HIGH)]), "Bed 4: NEWS2 9, High.");
});

test("a partial set that is urgent already is told as such", () => {
  assert.equal(change([row("4", null)], [row("4", "s2", PARTIAL)]), "Bed 4: NEWS2 at least 5, Medium.");
});

test("what is neither new nor urgent is not told", () => {
  const before = [row("1", "s1", HIGH), row("2", "s2", LOW), row("3", null)];
  assert.equal(change(before, [row("1", "s1", HIGH), row("2", "s3", LOW), row("3", null)]), "");
});
