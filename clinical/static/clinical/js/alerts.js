/** The page of a ward's alerts: joins the live ward, the list and the steps that people take. */

import { spoken } from "./alert_row.js";
import { calling, inOrder } from "./alerts_state.js";
import * as view from "./alerts_view.js";
import { findRow } from "./board_state.js";
import { now, setServerTime, setTimeZone, timeOfDay } from "./clock.js";
import { sentence } from "./hub_errors.js";
import { gettext } from "./language.js";
import { LiveWard } from "./live_ward.js";
import { isBlank, onGone, onRestored } from "./page_view.js";
import { shownRow } from "./privacy_state.js";
import { checkLogin } from "./session.js";
import { showStatus } from "./status_view.js";

const TICK_MS = 1_000;
const CALLS = {
  accept: (id) => ["AcceptAlert", id],
  review: (id) => ["StartAlertReview", id],
  decline: (id, { word, note }) => ["DeclineAlert", id, word, note],
  resolve: (id, { word, note }) => ["ResolveAlert", id, word, note],
};
const settings = document.body.dataset;
const user = Number(settings.user);
setServerTime(Date.parse(settings.now));
setTimeZone(settings.timeZone);
// Until then the list is the one that came with the page.
let isFollowed = false;
// Steps that are on their way, by alert.
const pending = new Set();
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;

const ward = new LiveWard({ ...settings, csrfToken }, {
  onChange: changed,
  onStatus: draw,
  onDoubt: checkLogin,
  onEnd: draw,
});

/** The patient's bed, without what this screen's privacy mode hides; undefined for somebody who is not here. */
function rowOf(patientId) {
  const row = findRow(ward, patientId);
  return row && shownRow(row, settings.privacy);
}

/** While the screen is locked the page is not there; what happens meanwhile is drawn when it is back. */
function draw() {
  if (isBlank()) return;
  showStatus(ward.status);
  if (ward.isOver) view.hideAlerts();
  else if (isFollowed) view.showAlerts(inOrder(ward.alerts), { now: now(), user, rowOf });
  view.setCanStep(ward.isLive);
  for (const id of pending) view.setCanStep(false, id);
}

function changed(before, after) {
  isFollowed = true;
  if (isBlank()) return;
  if (before !== null) announce(calling(before.alerts, after.alerts), after);
  draw();
}

function announce(called, after) {
  if (called.length === 0) return;
  const text = called.map((alert) => spoken(alert, findRow(after, alert.patientId))).join(" ");
  view.announce(text, { urgent: called.some(({ severity }) => severity === "high") });
}

async function step(id, name, answer) {
  if (!ward.isLive || pending.has(id)) return;
  pending.add(id);
  view.showFailure(id, "");
  view.setCanStep(false, id);
  try {
    await ward.invoke(...CALLS[name](id, answer));
  } catch (error) {
    if (!isBlank()) view.showFailure(id, sentence(error, gettext("Only nurses and doctors may do this. Nothing was changed.")));
  } finally {
    pending.delete(id);
    draw();
  }
}

function tick() {
  ward.tick(document.visibilityState === "visible");
  if (isBlank()) return;
  document.querySelector("[data-clock]").textContent = timeOfDay(now());
  view.showAges(now());
}

onRestored(() => {
  draw();
  ward.hurry();
});
onGone(() => ward.end({ kind: "signed-out", reason: "signed-out" }));
view.onStep(step);
draw();
setInterval(tick, TICK_MS);
document.addEventListener("visibilitychange", tick);
window.addEventListener("pageshow", tick);
ward.start();
