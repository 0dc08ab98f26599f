import assert from "node:assert/strict";
import test from "node:test";

import { allSeen, bedSeen, NOTHING_UNSEEN, watchBegan, watchEnded } from "../../clinical/static/clinical/js/unseen_state.js";

const ada = { patientId: "a", version: 1, bed: "1", alerts: [] };
const ben = { patientId: "b", version: 4, bed: "2", alerts: [{ id: "x", version: 1 }] };

function away(before, after, unseen = NOTHING_UNSEEN) {
  return watchBegan(watchEnded(unseen, before), after);
}

test("what changes before somebody's eyes is not marked", () => {
  assert.deepEqual(watchBegan(NOTHING_UNSEEN, [ada]).beds, new Set());
});

test("what changed while the screen was away is marked until its bed is looked at", () => {
  const unseen = away([ada, ben], [{ ...ada, version: 2 }, ben]);
  assert.deepEqual(unseen.beds, new Set(["a"]));
  assert.deepEqual(bedSeen(unseen, "a").beds, new Set());
  assert.equal(bedSeen(unseen, "b"), unseen);
});

test("a step of an alert counts although the patient's version stays", () => {
  const accepted = { ...ben, alerts: [{ id: "x", version: 2 }] };
  assert.deepEqual(away([ben], [accepted]).beds, new Set(["b"]));
  assert.deepEqual(away([ben], [{ ...ben, alerts: [] }]).beds, new Set(["b"]));
});

test("who came or was put into another bed is marked, who left is not", () => {
  assert.deepEqual(away([ben], [ada]).beds, new Set(["a"]));
  assert.deepEqual(away([ada], [{ ...ada, bed: "3" }]).beds, new Set(["a"]));
});

test("being away in two ways at once is measured from the first", () => {
  const twice = watchEnded(watchEnded(NOTHING_UNSEEN, [ada]), [{ ...ada, version: 2 }]);
  assert.deepEqual(watchBegan(twice, [{ ...ada, version: 2 }]).beds, new Set(["a"]));
});

test("marks of an earlier absence stay through the next one", () => {
  const once = away([ada, ben], [{ ...ada, version: 2 }, ben]);
  const again = away([{ ...ada, version: 2 }, ben], [{ ...ada, version: 2 }, { ...ben, version: 5 }], once);
  assert.deepEqual(again.beds, new Set(["a", "b"]));
  assert.deepEqual(allSeen(again).beds, new Set());
});

test("a mark leaves with its patient", () => {
  const once = away([ada], [{ ...ada, version: 2 }]);
  assert.deepEqual(away([{ ...ada, version: 2 }], [ben], once).beds, new Set(["b"]));
});
