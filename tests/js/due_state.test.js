import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { dueState, stateAt } from "../../clinical/static/clinical/js/due_state.js";

const shared = JSON.parse(readFileSync(new URL("due.json", import.meta.url)));

for (const { interval, over, state } of shared.cases) {
  test(`${over} s over ${interval} min is ${state}`, () => {
    const due = Date.parse(shared.dueAt);
    assert.equal(stateAt(due, interval, due + over * 1_000), state);
  });
}

test("without a set, or for who is not scored, nothing is due", () => {
  assert.equal(dueState({ observation: null }, 0), "none");
  assert.equal(dueState({ observation: {} }, 0), "none");
});
