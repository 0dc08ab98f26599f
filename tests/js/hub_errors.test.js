import assert from "node:assert/strict";
import test from "node:test";

import { byField, isUnanswered, ownText, sentence } from "../../clinical/static/clinical/js/hub_errors.js";

const REFUSAL = "Only doctors may order medication. Nothing was ordered.";
const said = (message) => sentence(new Error(message), REFUSAL);

test("somebody whose role does not allow it is told so", () => {
  assert.equal(said("Failed to invoke 'OrderMedication' because user is unauthorized"), REFUSAL);
});

test("what the hub says is said", () => {
  const message = "An unexpected error occurred invoking 'OrderMedication' on the server. HubException: This drug is not in the catalogue.";
  assert.equal(said(message), "This drug is not in the catalogue.");
  assert.equal(ownText(new Error("WebSocket closed.")), null);
});

test("a fault of the server saved nothing, and says so", () => {
  for (const message of [
    "An unexpected error occurred invoking 'RecordObservation' on the server.",
    "Failed to invoke 'RecordObservation' due to an error on the server.",
  ]) {
    assert.match(said(message), /Nothing was saved/);
  }
});

test("what was never sent was not saved", () => {
  assert.match(said("Cannot send data if the connection is not in the 'Connected' State."), /Nothing was saved/);
});

test("a connection that is lost on the way leaves it open whether it was saved", () => {
  for (const message of [
    "Invocation canceled due to the underlying connection being closed.",
    "WebSocket closed with status code: 1006 (no reason given).",
    "Server timeout elapsed without receiving a message from the server.",
  ]) {
    assert.match(said(message), /not known whether/);
  }
});

test("the hub's text is taken apart by field", () => {
  const text = "Respiration must be between 0 and 100. Temperature must be between 20 and 45. Time of measurement must not be in the future.";
  assert.deepEqual(byField(text), {
    fields: {
      respiration: "Must be between 0 and 100.",
      temperature: "Must be between 20 and 45.",
      measured_at: "Must not be in the future.",
    },
    rest: "",
  });
});

test("a text about no field stays whole", () => {
  const text = "This patient is not on a ward that you may see.";
  assert.deepEqual(byField(text), { fields: {}, rest: text });
});

test("a field that another one's sentence mentions gets no error of its own", () => {
  assert.deepEqual(byField("Diastolic pressure must not be above the systolic pressure."), {
    fields: { diastolic: "Must not be above the systolic pressure." },
    rest: "",
  });
});

test("in another language the fields are known by their names in it, and fixed refusals are translated", () => {
  const german = { SpO2: "Sauerstoffsättigung", "Your role does not allow this.": "Ihre Rolle erlaubt das nicht." };
  globalThis.django = { gettext: (text) => german[text] ?? text };
  assert.deepEqual(byField("Sauerstoffsättigung muss zwischen 0 und 100 liegen."), {
    fields: { spo2: "Muss zwischen 0 und 100 liegen." },
    rest: "",
  });
  assert.equal(ownText(new Error("... HubException: Your role does not allow this.")), "Ihre Rolle erlaubt das nicht.");
  delete globalThis.django;
});

test("only a call that was sent and not answered is in doubt", () => {
  const inDoubt = (message) => isUnanswered(new Error(message));
  assert.equal(inDoubt("Invocation canceled due to the underlying connection being closed."), true);
  for (const message of [
    "Failed to invoke 'RecordObservation' because user is unauthorized",
    "An unexpected error occurred invoking 'RecordObservation' on the server. HubException: Pulse must be.",
    "Failed to invoke 'RecordObservation' due to an error on the server.",
    "Cannot send data if the connection is not in the 'Connected' State.",
  ]) {
    assert.equal(inDoubt(message), false, message);
  }
});
