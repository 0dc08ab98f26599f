import assert from "node:assert/strict";
import test from "node:test";

import {
  asked, changesPatient, failed, INITIAL_PAGE, isDue, loaded, outdated, pageMessage,
} from "../../clinical/static/clinical/js/patient_state.js";

const page = { ...INITIAL_PAGE, asOf: 1_000 };
const here = { onWard: true, time: "10:42:00" };
const board = { rows: [{ patientId: "a", version: 1, bed: "1" }, { patientId: "b", version: 1, bed: "2" }], alerts: [] };

test("only news of this patient make the page load again, and every new beginning", () => {
  const other = { ...board, rows: [board.rows[0], { ...board.rows[1], version: 2 }] };
  assert.equal(changesPatient(board, other, "a"), false);
  assert.equal(changesPatient(board, other, "b"), true);
  assert.equal(changesPatient(null, board, "a"), true);
});

test("a step of an alert is news, and so is leaving", () => {
  const alert = { id: "x", patientId: "a", version: 1 };
  assert.equal(changesPatient(board, { ...board, alerts: [alert] }, "a"), true);
  assert.equal(changesPatient(board, { ...board, rows: board.rows.slice(1) }, "a"), true);
});

test("one load at a time, and another one for what happened meanwhile", () => {
  assert.equal(isDue(page, 0), false);
  const loading = asked(outdated(page));
  assert.equal(isDue(outdated(loading), 0), false);
  assert.equal(isDue(loaded(outdated(loading), 2_000, { isGone: false }), 0), true);
  assert.equal(isDue(loaded(loading, 2_000, { isGone: false }), 0), false);
});

test("a load that failed is said, and tried again after a while", () => {
  const after = failed(asked(outdated(page)), 10_000);
  assert.equal(isDue(after, 12_000), false);
  assert.equal(isDue(after, 15_000), true);
  assert.match(pageMessage(after, here), /could not be loaded yet. What you see is as of 10:42:00/);
  assert.equal(pageMessage(loaded(asked(after), 16_000, { isGone: false }), here), "");
});

test("a patient who has left is said to have left, with the time of what is shown", () => {
  const after = loaded(asked(outdated(page)), 2_000, { isGone: true });
  assert.equal(after.asOf, 1_000);
  assert.match(pageMessage(after, here), /no longer on this ward/);
  assert.match(pageMessage(page, { ...here, onWard: false }), /no longer on this ward/);
  assert.equal(isDue(outdated(after), 99_999), false);
});
