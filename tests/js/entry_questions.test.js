import assert from "node:assert/strict";
import test from "node:test";

import { newerSet, questions } from "../../clinical/static/clinical/js/entry_questions.js";

const USUAL = { pulse: { usual: [35, 180], possible: [0, 350] }, temperature: { usual: [34, 41], possible: [20, 45] } };
const seen = { setId: "s2", recordedBy: "Nora Lindqvist", score: { total: 5, lowerBound: 5 } };

test("what is unusual is asked about, in either direction and not at the edge", () => {
  assert.deepEqual(questions({ pulse: 181, temperature: 33.9 }, USUAL, false), [
    "Pulse 181 is unusual. Is that what was measured?",
    "Temperature 33.9 is unusual. Is that what was measured?",
  ]);
  assert.deepEqual(questions({ pulse: 35, temperature: 41 }, USUAL, false), []);
});

test("what is missing or has no range is not unusual", () => {
  assert.deepEqual(questions({ pulse: null, spo2: 3 }, USUAL, false), []);
});

test("nobody is asked about what cannot be, for it is refused", () => {
  assert.deepEqual(questions({ pulse: 351, temperature: 98.6 }, USUAL, false), []);
});

test("zero is asked about like any other value", () => {
  assert.equal(questions({ pulse: 0 }, USUAL, false).length, 1);
});

test("a partial set without a reason is asked about once", () => {
  assert.match(questions({ missingReason: null }, USUAL, true)[0], /why values are missing/);
  assert.deepEqual(questions({ missingReason: "asleep" }, USUAL, true), []);
  assert.deepEqual(questions({ missingReason: null }, USUAL, false), []);
});

test("a set that somebody has recorded meanwhile is told with who and what", () => {
  assert.equal(
    newerSet(["s1"], seen, "10:32"),
    "Nora Lindqvist has recorded a set of 10:32 (NEWS2 5) since this form was opened.",
  );
  assert.match(newerSet([undefined], { ...seen, score: { total: null, lowerBound: 3 } }, "10:32"), /NEWS2 at least 3/);
  assert.match(newerSet(["s1"], { ...seen, notScored: "pregnant" }, "10:32"), /\(not scored\)/);
});

test("a set that was seen before, or is one's own, is no news", () => {
  assert.equal(newerSet(["s1", "s2"], seen, "10:32"), "");
  assert.equal(newerSet(["s1"], null, ""), "");
  assert.equal(newerSet(["s1"], undefined, ""), "");
});
