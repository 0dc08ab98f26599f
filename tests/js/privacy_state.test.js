import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { shownRow } from "../../clinical/static/clinical/js/privacy_state.js";

const shared = JSON.parse(readFileSync(new URL("privacy.json", import.meta.url)));

test("a full screen shows all", () => {
  assert.equal(shownRow(shared.row, "full"), shared.row);
});

for (const { full, initials } of shared.names) {
  test(`of "${full}" the initials are "${initials}"`, () => {
    assert.deepEqual(shownRow({ ...shared.row, name: full }, "initials"), { ...shared.row, ...shared.hidden, name: initials });
  });
}

test("beds only, and whatever is no mode, show nothing of who it is", () => {
  const expected = { ...shared.row, ...shared.hidden, name: "" };
  assert.deepEqual(shownRow(shared.row, "bed"), expected);
  assert.deepEqual(shownRow(shared.row, undefined), expected);
});
