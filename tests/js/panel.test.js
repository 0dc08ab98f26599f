/* The panel, its view and the lock's page are real; only the elements are scripted, for a lock in the middle of a save. */
import assert from "node:assert/strict";
import test from "node:test";

/** Takes what is written to it, and has whatever is looked for in it. */
class Element {
  dataset = {};
  elements = { key: {}, seen: {} };
  action = "/patients/nobody/observations/new/";
  listeners = {};
  parts = new Map();
  resets = 0;
  textContent = "";

  constructor(id, forms = []) {
    Object.assign(this, { id, forms });
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  querySelector(selector) {
    if (selector.includes("[data-questions]") || selector.includes("aria-invalid")) return null;
    if (!this.parts.has(selector)) this.parts.set(selector, new Element(selector));
    return this.parts.get(selector);
  }

  querySelectorAll(selector) {
    if (selector === "form") return this.forms;
    return selector === "[data-save]" ? [this.querySelector(selector)] : [];
  }

  reset() {
    this.resets += 1;
  }

  showModal() {}

  close() {}
}

class Nodes {
  childNodes = [];

  append(...nodes) {
    this.childNodes.push(...nodes);
  }

  replaceChildren(fragment) {
    this.childNodes = fragment.childNodes;
  }

  querySelector() {
    return null;
  }
}

const body = new Nodes();
globalThis.document = {
  body,
  createDocumentFragment: () => new Nodes(),
  getElementById: (id) => body.childNodes.find((each) => each.id === id) ?? null,
  importNode: (content) => content,
  querySelector: () => null,
  querySelectorAll: (selector) => (selector.startsWith("template") ? [{ id: "lock-screen", content: new Nodes() }] : []),
};
globalThis.matchMedia = () => ({ matches: false });
globalThis.scrollTo = () => {};
globalThis.FormData = class {
  *[Symbol.iterator]() {
    yield* Object.entries({
      respiration: "18", spo2: "97", systolic: "120", diastolic: "70", pulse: "80", temperature: "37",
      oxygen: "air", consciousness: "A", drug: "Aspirin",
    });
  }
};
const { onRestored, restore, showInstead } = await import("../../clinical/static/clinical/js/page_view.js");
const { createPanel } = await import("../../clinical/static/clinical/js/panel.js");
const ROW = { patientId: "a", bed: "1", name: "Ada", draftOrders: [], observation: null, alerts: [], flags: [] };
const RECORDED = { setId: "s1", score: { total: 0, band: "low", red: false } };
const LOST = new Error("Invocation canceled due to the underlying connection being closed.");
const OUTCOMES = { saved: "[data-saved]", failed: "[data-form-error]" };
const settled = () => new Promise((resolve) => setImmediate(resolve));
let shown = null;
onRestored(() => shown.refresh());

/** A panel that is open for a bed; `calls` are those that wait for their answer. */
function open() {
  const forms = [new Element("observation"), new Element("order")];
  const dialog = new Element("panel", forms);
  body.childNodes = [dialog, ...forms];
  const calls = [];
  const invoke = (...args) => new Promise((answer, fail) => calls.push({ args, answer, fail }));
  shown = createPanel({ invoke, rowOf: () => ROW, isLive: () => true });
  shown.open("a");
  const [observation, order] = forms;
  for (const form of forms) form.resets = 0;
  return {
    calls, observation, order,
    said: (form) => Object.fromEntries(Object.entries(OUTCOMES).map(([name, part]) => [name, form.querySelector(part).textContent])),
    message: () => dialog.querySelector("[data-panel-message]").textContent,
    canSave: () => !dialog.querySelector("[data-save]").disabled,
    close: () => dialog.querySelector("[data-close]").listeners.click(),
    submit: (form) => form.listeners.submit({ preventDefault() {} }),
  };
}

test("a save that fails while the screen is locked is told when it is back, and can be sent again with its key", async () => {
  const { calls, observation, said, canSave, close, message, submit } = open();
  submit(observation);
  await settled();
  assert.equal(canSave(), false);
  showInstead("lock-screen");
  calls[0].fail(LOST);
  await settled();
  restore();
  assert.match(said(observation).failed, /^The connection was lost before the answer came\./);
  assert.deepEqual([observation.resets, canSave()], [0, true]);
  close();
  assert.match(message(), /^These values are not saved\./);
  submit(observation);
  await settled();
  assert.equal(calls.length, 2);
  assert.equal(calls[1].args[2].key, calls[0].args[2].key);
});

test("a set and an order that are saved while the screen is locked are told, and their forms are empty, when it is back", async () => {
  const { calls, observation, order, said, canSave, submit } = open();
  for (const [form, answer, text] of [
    [observation, RECORDED, "Saved. NEWS2 0: Low."],
    [order, { drugName: "Aspirin" }, "Draft order started: Aspirin."],
  ]) {
    submit(form);
    await settled();
    showInstead("lock-screen");
    calls.at(-1).answer(answer);
    await settled();
    assert.equal(form.resets, 0);
    restore();
    assert.deepEqual(said(form), { saved: text, failed: "" });
    assert.deepEqual([form.resets, canSave()], [1, true]);
    shown.refresh();
    assert.equal(form.resets, 1);
  }
  assert.equal(observation.elements.seen.value, "s1");
  assert.notEqual(observation.elements.key.value, calls[0].args[2].key);
});

test("an answer that comes when the panel was closed is told at no other bed", async () => {
  const { calls, observation, said, submit } = open();
  submit(observation);
  await settled();
  shown.close();
  calls[0].fail(LOST);
  await settled();
  shown.open("a");
  assert.deepEqual(said(observation), { saved: "", failed: "" });
});
