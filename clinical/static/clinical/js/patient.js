/** The page of one patient: follows the ward, and loads its sections anew when something about the patient changes. */

import { findRow } from "./board_state.js";
import { now, setServerTime, setTimeZone, timeOfDay } from "./clock.js";
import { LiveWard } from "./live_ward.js";
import { isBlank, onGone, onRestored } from "./page_view.js";
import { asked, changesPatient, failed, INITIAL_PAGE, isDue, loaded, outdated, pageMessage } from "./patient_state.js";
import { hidePatient, load, showPageMessage, showSections } from "./patient_view.js";
import { checkLogin } from "./session.js";
import { showStatus } from "./status_view.js";

const TICK_MS = 1_000;
const settings = document.body.dataset;
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
setServerTime(Date.parse(settings.now));
setTimeZone(settings.timeZone);
let page = { ...INITIAL_PAGE, asOf: now() };
// Loaded while the screen was locked, to be shown when it is back.
let sections = null;

const ward = new LiveWard({ ...settings, csrfToken }, {
  onChange: changed,
  onStatus: draw,
  onDoubt: checkLogin,
  onEnd: draw,
});

function changed(before, after) {
  if (!changesPatient(before, after, settings.patient)) return;
  page = outdated(page);
  refresh();
}

/** What the ward says of the patient decides when; the server's own page says what. */
async function refresh() {
  if (!isDue(page, Date.now()) || ward.isOver) return;
  page = asked(page);
  const asOf = now();
  try {
    sections = await load();
    page = loaded(page, asOf, { isGone: sections === null });
  } catch {
    page = failed(page, Date.now());
  }
  draw();
  refresh();
}

function draw() {
  if (isBlank()) return;
  showStatus(ward.status);
  if (ward.isOver) hidePatient();
  else if (sections !== null) showSections(sections);
  sections = null;
  const onWard = ward.rows.length === 0 || findRow(ward, settings.patient) !== undefined;
  showPageMessage(pageMessage(page, { onWard, time: timeOfDay(page.asOf, { seconds: true }) }));
}

function tick() {
  ward.tick(document.visibilityState === "visible");
  refresh();
  if (isBlank()) return;
  document.querySelector("[data-clock]").textContent = timeOfDay(now());
}

onRestored(draw);
onGone(() => ward.end({ kind: "signed-out", reason: "signed-out" }));
draw();
setInterval(tick, TICK_MS);
document.addEventListener("visibilitychange", tick);
window.addEventListener("pageshow", tick);
ward.start();
