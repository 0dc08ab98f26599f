/** Shows the list of open alerts, and says which steps people take in it. Decides nothing. */

import { fields } from "./alert_row.js";
import { age } from "./clock.js";

const list = () => document.getElementById("alerts");

/** Calls `step(alert id, step, {word, note})` for a form that is sent. */
export function onStep(step) {
  list().addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const { word = "", note = "" } = Object.fromEntries(new FormData(form));
    step(form.closest("[data-alert]").dataset.alert, form.dataset.step, { word, note });
  });
}

/** `alerts` in the order of the list; `rowOf(patientId)` is the patient's bed, or undefined. */
export function showAlerts(alerts, { now, user, rowOf }) {
  const shown = new Map([...list().children].map((element) => [element.dataset.alert, element]));
  let previous = null;
  for (const alert of alerts) {
    const element = shown.get(alert.id) ?? newElement(alert.id);
    shown.delete(alert.id);
    fill(element, { ...fields(alert, now, user), bed: rowOf(alert.patientId)?.bed ?? "", name: rowOf(alert.patientId)?.name ?? "" });
    const place = previous === null ? list().firstElementChild : previous.nextElementSibling;
    // Moving an element takes the focus away, so only what stands wrong is moved.
    if (place !== element) list().insertBefore(element, place);
    previous = element;
  }
  for (const element of shown.values()) remove(element);
  document.getElementById("no-alerts").hidden = alerts.length > 0;
}

/** Brings the ages up to date, also of alerts that came with the page. */
export function showAges(now) {
  for (const time of list().querySelectorAll("time")) {
    time.querySelector("[data-field=age]").textContent = age(Date.parse(time.dateTime), now);
  }
}

/** A sentence about a step that failed, at the alert or, where that has left the list, above it; "" takes it away. */
export function showFailure(id, text) {
  const above = document.getElementById("page-message");
  above.textContent = "";
  (find(id)?.querySelector("[data-failed]") ?? above).textContent = text;
}

/** While a step is on its way, or the page is not live, no other can be taken. */
export function setCanStep(can, id = null) {
  for (const button of (id === null ? list() : find(id))?.querySelectorAll("button") ?? []) button.disabled = !can;
}

export function hideAlerts() {
  list().replaceChildren();
  document.getElementById("no-alerts").hidden = true;
}

/** Reads out: at once where somebody is called with high severity, else when there is time. */
export function announce(text, { urgent }) {
  document.getElementById(urgent ? "caller" : "announcer").textContent = text;
}

function find(id) {
  return list().querySelector(`[data-alert="${CSS.escape(id)}"]`);
}

function newElement(id) {
  const element = document.getElementById("alert").content.firstElementChild.cloneNode(true);
  element.dataset.alert = id;
  return element;
}

function fill(element, texts) {
  element.dataset.severity = texts.severity;
  for (const target of element.querySelectorAll("[data-field]")) write(target, texts[target.dataset.field]);
  for (const time of element.querySelectorAll("time")) time.dateTime = texts.raisedAt;
  const offered = new Set(texts.may);
  for (const form of element.querySelectorAll("form[data-step]")) form.hidden = !offered.has(form.dataset.step);
  for (const more of element.querySelectorAll("[data-step-more]")) {
    const isOffered = offered.has(more.dataset.stepMore);
    if (!isOffered) more.open = false;
    more.hidden = !isOffered;
  }
}

/** Whoever stood in what is gone goes on at the head of the list, not at the top of the page. */
function remove(element) {
  const hadFocus = element.contains(document.activeElement);
  element.remove();
  if (hadFocus) (list().querySelector("button:not([hidden])") ?? document.querySelector("h1")).focus();
}

// Writing the same text again would take away a selection and speak to a screen reader.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
