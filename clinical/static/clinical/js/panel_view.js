/** Shows the panel of one bed with its forms, and says what people do in it. Decides nothing. */

import { fields } from "./bed_row.js";
import { fill } from "./bed_view.js";

const panel = () => document.getElementById("panel");
const forms = () => [...panel().querySelectorAll("form")];

/** Calls `save(form name, values)` for a submitted form, `close()` when somebody wants to leave. */
export function setUpPanel({ save, input, close }) {
  for (const form of forms()) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save(form.id, values(form.id));
    });
    form.addEventListener("input", () => input(form.id, values(form.id)));
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
}

export function closePanel() {
  panel().close();
}

export function showBed(row, now) {
  fill(panel(), fields(row, now));
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
  showHint(name, "");
}

/** `saved` and `failed` are sentences, `errors` the texts by field. */
export function showOutcome(name, { saved = "", failed = "", errors = {} }) {
  const form = document.getElementById(name);
  form.querySelector("[data-saved]").textContent = saved;
  form.querySelector("[data-form-error]").textContent = failed;
  for (const target of form.querySelectorAll("[data-error]")) showError(target, errors[target.dataset.error] ?? "");
  form.querySelector("[aria-invalid=true]")?.focus();
}

export function showHint(name, text) {
  const hint = document.getElementById(name).querySelector("[data-hint]");
  if (hint !== null) hint.textContent = text;
}

function showError(target, text) {
  target.textContent = text;
  target.closest(".field").querySelector("input[type=text]")?.setAttribute("aria-invalid", String(text !== ""));
}
