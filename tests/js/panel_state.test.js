import assert from "node:assert/strict";
import test from "node:test";

import { CLOSED, closeAsked, mayRecord, message, opened, saveEnded, saveStarted, setSaved } from "../../clinical/static/clinical/js/panel_state.js";

const here = { live: true, onWard: true };

test("an open bed may be recorded", () => {
  assert.equal(mayRecord(opened("a"), here), true);
  assert.equal(message(opened("a"), here), "");
});

test("a saved set is no news, and the next one has another key", () => {
  const saved = setSaved(opened("a", { key: "k1", newest: "s1" }), { key: "k2", setId: "s3", newest: "s2" });
  assert.equal(saved.key, "k2");
  assert.deepEqual(saved.known, ["s1", "s2", "s3"]);
});

test("a set that was not saved keeps its key", () => {
  assert.equal(saveEnded(saveStarted(opened("a", { key: "k1" }))).key, "k1");
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
