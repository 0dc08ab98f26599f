import assert from "node:assert/strict";
import test from "node:test";

import { setTimeZone } from "../../clinical/static/clinical/js/clock.js";
import { isEmpty, parse, partialHint, savedText } from "../../clinical/static/clinical/js/observation_state.js";

setTimeZone("Europe/Berlin");

const EMPTY = { respiration: "", spo2: "", oxygen: "", systolic: "", diastolic: "", pulse: "", temperature: "", consciousness: "" };
const FULL = { respiration: "18", spo2: " 97 ", oxygen: "air", systolic: "125", diastolic: "80", pulse: "72", temperature: "37,2", consciousness: "A" };

test("a complete set becomes numbers, with a comma or a point", () => {
  assert.deepEqual(parse(FULL), {
    input: { respiration: 18, spo2: 97, systolic: 125, diastolic: 80, pulse: 72, temperature: 37.2, onOxygen: false, consciousness: "A", missingReason: null, measuredAt: null },
    errors: {},
  });
  assert.equal(parse({ ...FULL, temperature: "37.2" }).input.temperature, 37.2);
});

test("zero is a value, nothing is none", () => {
  const { input } = parse({ ...EMPTY, pulse: "0" });
  assert.equal(input.pulse, 0);
  assert.equal(input.respiration, null);
  assert.equal(input.onOxygen, null);
  assert.equal(input.consciousness, null);
});

test("a time is one of the ward's clocks, whatever this computer's zone is", () => {
  assert.equal(parse({ ...FULL, measured_at: "2026-11-24T10:30" }).input.measuredAt, "2026-11-24T09:30:00.000Z");
  for (const text of ["yesterday", "2026-03-29T02:30"]) assert.ok(parse({ ...FULL, measured_at: text }).errors.measured_at);
});

test("why values are missing is sent along", () => {
  assert.equal(parse({ ...EMPTY, pulse: "80", missing_reason: "asleep" }).input.missingReason, "asleep");
});

test("oxygen and air are both stated", () => {
  assert.equal(parse({ ...EMPTY, oxygen: "oxygen" }).input.onOxygen, true);
  assert.equal(parse({ ...EMPTY, oxygen: "air" }).input.onOxygen, false);
});

test("what is no number is marked at its field and not guessed", () => {
  const { errors } = parse({ ...EMPTY, respiration: "18x", spo2: "97%", pulse: "7.5", systolic: "-1", temperature: "warm" });
  assert.deepEqual(Object.keys(errors).sort(), ["pulse", "respiration", "spo2", "systolic", "temperature"]);
});

test("a partial set is announced before it is saved", () => {
  assert.equal(partialHint({ ...FULL, temperature: "", oxygen: "" }), "Partial set, without a total: no air or oxygen, no temperature.");
  assert.equal(partialHint(FULL), "");
  assert.equal(partialHint({ ...FULL, diastolic: "" }), "");
  assert.equal(partialHint(EMPTY), "");
});

test("an empty form is known as such", () => {
  assert.equal(isEmpty(EMPTY), true);
  assert.equal(isEmpty({}), true);
  assert.equal(isEmpty({ ...EMPTY, pulse: "0" }), false);
  assert.equal(isEmpty({ ...EMPTY, missing_reason: "asleep", measured_at: "2026-11-24T10:30" }), true);
});

test("what was saved is said with its score", () => {
  assert.equal(savedText({ score: { total: 7, lowerBound: 7, red: true } }, "High"), "Saved. NEWS2 7: High, RED.");
  assert.equal(savedText({ score: { total: null, lowerBound: 2, red: false } }, "Unknown"), "Saved. NEWS2 partial, at least 2: Unknown.");
});
