import assert from "node:assert/strict";
import test from "node:test";

import { age, now, setServerTime, setTimeZone, timeOfDay } from "../../clinical/static/clinical/js/clock.js";

const MINUTE = 60_000;
const AT = Date.parse("2026-11-24T14:32:10Z");

test("ages are told in the largest unit that still matters", () => {
  const told = [0, 0.9, 1, 59, 60, 65, 23 * 60 + 59, 24 * 60, 49 * 60].map((minutes) => age(AT - minutes * MINUTE, AT));
  assert.deepEqual(told, [
    "just now", "just now", "1 min ago", "59 min ago", "1 h 00 min ago", "1 h 05 min ago", "23 h 59 min ago", "1 day ago", "2 days ago",
  ]);
});

test("a time that is a little ahead is just now", () => {
  assert.equal(age(AT + MINUTE, AT), "just now");
});

test("times are the hospital's, wherever the screen stands", () => {
  setTimeZone("Europe/Berlin");
  assert.equal(timeOfDay(AT), "15:32");
  assert.equal(timeOfDay(AT, { seconds: true }), "15:32:10");
});

test("the server's clock counts, not this computer's", () => {
  const ahead = Date.now() + 24 * MINUTE;
  setServerTime(ahead);
  assert.ok(Math.abs(now() - ahead) < 1_000);
});
