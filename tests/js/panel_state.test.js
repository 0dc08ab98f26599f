import assert from "node:assert/strict";
import test from "node:test";

import { CLOSED, closeAsked, mayRecord, message, opened, saveEnded, saveStarted } from "../../clinical/static/clinical/js/panel_state.js";

const here = { live: true, onWard: true };

test("an open bed may be recorded", () => {
  assert.equal(mayRecord(opened("a"), here), true);
  assert.equal(message(opened("a"), here), "");
});

test("nothing is sent twice", () => {
  const saving = saveStarted(opened("a"));
  assert.equal(mayRecord(saving, here), false);
  assert.equal(mayRecord(saveEnded(saving), here), true);
});

test("nothing is sent from a board that is not live, and the panel says why", () => {
  const situation = { live: false, onWard: true };
  assert.equal(mayRecord(opened("a"), situation), false);
  assert.match(message(opened("a"), situation), /not live/);
});

test("nothing is recorded for somebody who has left the ward", () => {
  const situation = { live: true, onWard: false };
  assert.equal(mayRecord(opened("a"), situation), false);
  assert.match(message(opened("a"), situation), /no longer on this ward/);
});

test("unsaved values are given up only at the second time of asking", () => {
  const warned = closeAsked(opened("a"), true);
  assert.equal(warned.patientId, "a");
  assert.match(message(warned, here), /not saved/);
  assert.equal(closeAsked(warned, true), CLOSED);
});

test("an empty panel closes at once", () => {
  assert.equal(closeAsked(opened("a"), false), CLOSED);
});

test("a panel that is saving waits for the answer", () => {
  const asked = closeAsked(saveStarted(opened("a")), false);
  assert.equal(asked.patientId, "a");
  assert.match(message(asked, here), /Saving/);
});

test("an answer that comes late opens nothing", () => {
  assert.equal(saveEnded(CLOSED), CLOSED);
});
