import assert from "node:assert/strict";
import test from "node:test";

import { restartDelay } from "../../clinical/static/clinical/js/restart.js";

test("a new start comes about every 15 s, spread out by a quarter to both sides", () => {
  assert.equal(restartDelay(0), 11_250);
  assert.equal(restartDelay(0.5), 15_000);
  assert.equal(restartDelay(1), 18_750);
});
