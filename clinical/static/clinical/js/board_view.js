/** Shows the rows of the board, and how many patients are in which band. */

import { age } from "./clock.js";
import { counts, dueFields, fields } from "./bed_row.js";
import { fill, write } from "./bed_view.js";

export function showBoard(rows, now) {
  const body = document.getElementById("beds");
  const shown = new Map([...body.children].map((element) => [element.dataset.patient, element]));
  let previous = null;
  for (const row of rows) {
    const element = shown.get(row.patientId) ?? newRow(row.patientId);
    shown.delete(row.patientId);
    fill(element, fields(row, now));
    const place = previous === null ? body.firstElementChild : previous.nextElementSibling;
    // Moving an element takes the focus away, so only what stands wrong is moved.
    if (place !== element) body.insertBefore(element, place);
    previous = element;
  }
  for (const element of shown.values()) element.remove();
  showCounts(rows);
}

/** Brings up to date what time alone changes, also in rows that came with the page. */
export function showAges(now) {
  for (const row of document.querySelectorAll("#beds [data-patient]")) {
    for (const time of row.querySelectorAll("time")) showAge(time.querySelector("[data-field=age]"), time.dateTime, now);
    for (const alert of row.querySelectorAll("[data-raised-at]")) {
      showAge(alert.querySelector("[data-alert-field=alertAge]"), alert.dataset.raisedAt, now);
    }
    showDue(row, row.querySelector("[data-due-at]"), now);
    for (const nurse of row.querySelectorAll("[data-until]")) {
      if (nurse.dataset.until && Date.parse(nurse.dataset.until) <= now) write(nurse, "");
    }
  }
}

function showAge(element, at, now) {
  if (at) write(element, age(Date.parse(at), now));
}

function showDue(row, element, now) {
  const { dueState, due } = dueFields(element.dataset.dueAt, element.dataset.interval, now);
  row.dataset.due = dueState;
  write(element, due);
}

/** Takes everything about patients away. */
export function hideBoard() {
  showBoard([], 0);
  for (const element of document.querySelectorAll(".board, .counts, #nobody")) element.hidden = true;
}

/** Calls `open(patientId)` for a bed that is tapped. */
export function onOpen(open) {
  document.getElementById("beds").addEventListener("click", (event) => {
    const row = event.target.closest("[data-patient]");
    if (event.target.closest("[data-open]") && row) open(row.dataset.patient);
  });
}

/** Reads a change out to screen readers. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

function newRow(patientId) {
  const element = document.getElementById("bed-row").content.firstElementChild.cloneNode(true);
  element.dataset.patient = patientId;
  return element;
}

function showCounts(rows) {
  for (const [band, count] of Object.entries(counts(rows))) {
    const element = document.querySelector(`[data-count="${band}"]`);
    element.hidden = count === 0;
    element.querySelector("[data-number]").textContent = count;
  }
  document.getElementById("patients").textContent = rows.length;
  document.getElementById("nobody").hidden = rows.length > 0;
}
