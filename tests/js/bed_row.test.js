import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { bandWord, counts, fields } from "../../clinical/static/clinical/js/bed_row.js";
import { setTimeZone } from "../../clinical/static/clinical/js/clock.js";

const shared = JSON.parse(readFileSync(new URL("bed_rows.json", import.meta.url)));
const rows = shared.cases.map(({ row, alerts }) => ({ ...row, alerts }));
setTimeZone(shared.timeZone);

for (const { row, alerts, fields: expected, vitals } of shared.cases) {
  test(`bed ${row.bed} reads in the browser as the server writes it`, () => {
    const { vitals: found, ...texts } = fields({ ...row, alerts }, Date.parse(shared.now));
    assert.deepEqual(texts, expected);
    assert.deepEqual(Object.fromEntries(Object.entries(found).map(([part, { value, points }]) => [part, [value, points]])), vitals);
  });
}

test("the bands that need somebody are counted as the server counts them", () => {
  assert.deepEqual(counts(rows), shared.counts);
});

test("a partial set of which nothing is certain shows no number", () => {
  const row = structuredClone(rows[3]);
  row.observation.score.lowerBound = 0;
  assert.equal(fields(row, 0).score, "?");
});

test("temperatures are rounded half up, as they are scored", () => {
  const row = structuredClone(rows[1]);
  // Every temperature that can be recorded, in hundredths of a degree.
  for (let hundredths = 2000; hundredths <= 4500; hundredths += 1) {
    row.observation.temperature = hundredths / 100;
    const tenths = String(Math.floor((hundredths + 5) / 10));
    assert.equal(fields(row, 0).vitals.temperature.value, `${tenths.slice(0, -1)}.${tenths.slice(-1)}`);
  }
});

test("every band has a word", () => {
  for (const band of ["high", "medium", "low-medium", "low", "routine", "unknown", "not-scored", "none"]) assert.ok(bandWord(band));
});
