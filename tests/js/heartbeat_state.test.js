import assert from "node:assert/strict";
import test from "node:test";

import { isLate } from "../../clinical/static/clinical/js/heartbeat_state.js";

test("a heartbeat from before a sleep is late, one that took a while on its way is not", () => {
  assert.equal(isLate(1_000_000, 1_000_000 + 7_200_000), true);
  assert.equal(isLate(1_000_000, 1_005_000), false);
});

test("a server that is ahead of what this screen knew is not late", () => {
  assert.equal(isLate(1_000_000, 400_000), false);
});
