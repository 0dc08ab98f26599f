/** Shows the panel of one bed with its forms, and says what people do in it. Decides nothing. */

import { fields } from "./bed_row.js";
import { fill } from "./bed_view.js";

const panel = () => document.getElementById("panel");
const forms = () => [...panel().querySelectorAll("form")];

/**
 * Calls `save(form name, values, whether questions are answered)` for a submitted form, `close()` when somebody wants
 * to leave.
 */
export function setUpPanel({ save, input, close }) {
  for (const form of forms()) {
    form.addEventListener("submit", (event) => {
      // The page that this button opens saves by itself, and needs no board that is live.
      if (event.submitter?.matches("[data-save-on-page]")) return;
      event.preventDefault();
      save(form.id, values(form.id), event.submitter?.matches("[data-save-anyway]") ?? false);
    });
    form.addEventListener("input", () => input(form.id, values(form.id)));
    form.addEventListener("keydown", chooseByLetter);
  }
  panel().querySelector("[data-close]").addEventListener("click", close);
  panel().addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
}

export function openPanel() {
  for (const form of forms()) clearForm(form.id);
  panel().showModal();
  // On a touch screen that would open the keyboard over what somebody only wants to read.
  if (matchMedia("(pointer: fine)").matches) document.querySelector("#observation input[type=text]")?.focus();
}

export function closePanel() {
  panel().close();
}

export function showBed(row, now) {
  fill(panel(), fields(row, now));
}

/**
 * Where the form leads when the board is not live, and the patient's pages. `key` makes both ways of saving one; `newest`
 * is the id of the newest set that the bed shows.
 */
export function setPatient(patientId, key, newest = "") {
  for (const link of panel().querySelectorAll("[data-of-patient]")) link.href = ofPatient(link.href, patientId);
  const form = document.getElementById("observation");
  if (form === null) return;
  form.elements.key.value = key;
  form.elements.seen.value = newest;
  form.action = ofPatient(form.action, patientId);
}

export function offerPage(offered) {
  const button = panel().querySelector("[data-save-on-page]");
  if (button !== null) button.hidden = !offered;
}

/** A sentence about the panel as a whole; "" takes it away. */
export function showPanelMessage(text) {
  panel().querySelector("[data-panel-message]").textContent = text;
}

export function setCanSave(can) {
  for (const button of panel().querySelectorAll("[data-save]")) button.disabled = !can;
}

/** What stands in a form, by name; nothing where the user has no such form. */
export function values(name) {
  const form = document.getElementById(name);
  return form === null ? {} : Object.fromEntries(new FormData(form));
}

export function clearForm(name) {
  document.getElementById(name).reset();
  showOutcome(name, {});
  showHint(name, "hint", "");
}

/** `saved` and `failed` are sentences, `errors` the texts by field, `asked` what somebody must answer first. */
export function showOutcome(name, { saved = "", failed = "", errors = {}, asked = [] }) {
  const form = document.getElementById(name);
  form.querySelector("[data-saved]").textContent = saved;
  form.querySelector("[data-form-error]").textContent = failed;
  for (const target of form.querySelectorAll("[data-error]")) showError(target, errors[target.dataset.error] ?? "");
  showQuestions(name, asked);
  form.querySelector("[aria-invalid=true]")?.focus();
}

/** They stand in the way of nothing: the button that answers them is beside them, and not where a second click falls. */
export function showQuestions(name, asked) {
  const target = document.getElementById(name).querySelector("[data-questions]");
  if (target === null) return;
  target.hidden = asked.length === 0;
  target.querySelector("ul").replaceChildren(...asked.map(item));
  if (asked.length > 0) target.focus();
}

/** `kind` is "hint" or "notice"; nothing where the user has no such form. */
export function showHint(name, kind, text) {
  const hint = document.getElementById(name)?.querySelector(`[data-${kind}]`);
  if (hint && hint.textContent !== text) hint.textContent = text;
}

/** {name: {usual: [least, most], possible: [least, most]}}, as the server has them. */
export function ranges() {
  const inputs = document.querySelectorAll("#observation [data-usual-least]");
  return Object.fromEntries(
    [...inputs].map(({ name, dataset: { usualLeast, usualMost, least, most } }) => [
      name,
      { usual: [Number(usualLeast), Number(usualMost)], possible: [Number(least), Number(most)] },
    ]),
  );
}

function ofPatient(url, patientId) {
  return url.replace(/(?<=\/patients\/)[^/]+/, patientId);
}

function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}

/** In a group of choices the first letter of one chooses it: A for air, V for voice. */
function chooseByLetter(event) {
  const group = event.target.closest("fieldset");
  if (group === null || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
  const choices = [...group.querySelectorAll("label")];
  const chosen = choices.find((label) => label.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
  if (chosen === undefined) return;
  event.preventDefault();
  chosen.querySelector("input").focus();
  chosen.querySelector("input").click();
}

function showError(target, text) {
  target.textContent = text;
  target.closest(".field").querySelector("input[type=text]")?.setAttribute("aria-invalid", String(text !== ""));
}
