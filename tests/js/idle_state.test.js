import assert from "node:assert/strict";
import test from "node:test";

import { activeAt, idleFor, isDue, isOwed } from "../../clinical/static/clinical/js/idle_state.js";

const LIMIT = 300_000;
const at = (wall, steady = wall) => ({ wall, steady });

test("a screen is due when nobody has done anything for as long as the limit", () => {
  assert.equal(isDue(at(1_000), at(300_999), LIMIT), false);
  assert.equal(isDue(at(1_000), at(301_000), LIMIT), true);
});

test("a laptop's sleep counts, though the steady clock stood still", () => {
  assert.equal(isDue(at(0), at(7_200_000, 3_000), LIMIT), true);
});

test("a clock that is set back keeps no screen open", () => {
  assert.equal(isDue(at(3_600_000, 0), at(0, LIMIT), LIMIT), true);
});

test("without a limit nothing is ever due", () => {
  assert.equal(isDue(at(0), at(1e12), 0), false);
});

test("what the server says of idleness is a moment here", () => {
  assert.equal(idleFor(activeAt(at(1_000_000, 5_000), 90), at(1_000_000, 5_000)), 90_000);
});

test("something is owed at first, and again after its time, whatever the clocks do", () => {
  assert.equal(isOwed(null, at(0), 60_000), true);
  assert.equal(isOwed(at(0), at(59_999), 60_000), false);
  assert.equal(isOwed(at(0), at(60_000), 60_000), true);
  assert.equal(isOwed(at(3_600_000, 0), at(0, 60_000), 60_000), true);
});
