import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { fields, spoken } from "../../clinical/static/clinical/js/alert_row.js";
import { setTimeZone } from "../../clinical/static/clinical/js/clock.js";

const shared = JSON.parse(readFileSync(new URL("alert_rows.json", import.meta.url)));
setTimeZone(shared.timeZone);

for (const { alert, fields: expected } of shared.cases) {
  test(`"${expected.title}" reads in the browser as the server writes it`, () => {
    assert.deepEqual(fields(alert, Date.parse(shared.now), shared.user), expected);
  });
}

test("a screen reader is told severity, bed and reason", () => {
  assert.equal(spoken(shared.cases[0].alert, { bed: "12" }), "High alert, bed 12: NEWS2 9, red: respiration, SpO₂.");
  assert.match(spoken(shared.cases[0].alert, undefined), /bed unknown/);
});
