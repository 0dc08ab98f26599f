import assert from "node:assert/strict";
import test from "node:test";

import { restartDelay } from "../../clinical/static/clinical/js/restart.js";

test("a new start comes about every 30 s, spread out by a quarter to both sides", () => {
  assert.equal(restartDelay(0), 22_500);
  assert.equal(restartDelay(0.5), 30_000);
  assert.equal(restartDelay(1), 37_500);
});
