/** The page of a ward's board: joins the live ward with the beds, their marks and the panel. */

import { spoken } from "./alert_row.js";
import { calling } from "./alerts_state.js";
import { change } from "./announcement.js";
import { shownRows } from "./board_rows.js";
import { findRow } from "./board_state.js";
import { announce, hideBoard, onOpen, showAges, showBoard } from "./board_view.js";
import { now, setServerTime, setTimeZone, timeOfDay } from "./clock.js";
import { LiveWard } from "./live_ward.js";
import { createMarks } from "./marks.js";
import { isBlank, onGone, onRestored } from "./page_view.js";
import { createPanel } from "./panel.js";
import { checkLogin } from "./session.js";
import { showStatus } from "./status_view.js";

const TICK_MS = 1_000;
const NO_PANEL = { open() {}, close() {}, refresh() {} };
const settings = document.body.dataset;
const csrfToken = document.querySelector("[name=csrfmiddlewaretoken]").value;
setServerTime(Date.parse(settings.now));
setTimeZone(settings.timeZone);
// Until then the rows are those that came with the page.
let isFollowed = false;

const ward = new LiveWard({ ...settings, csrfToken }, {
  onChange: changed,
  onStatus: draw,
  onDoubt: checkLogin,
  onEnd: drawAll,
});
const rows = () => shownRows(ward, settings.privacy);
const marks = createMarks({ user: Number(settings.user), rows });
// A display on the wall has none.
const panel = document.getElementById("panel") === null ? NO_PANEL : createPanel({
  invoke: (...args) => ward.invoke(...args),
  // Whoever opens a bed must see who lies in it.
  rowOf: (patientId) => shownRows(ward, "full").find((row) => row.patientId === patientId),
  isLive: () => ward.isLive,
});

/** While the screen is locked the page is not there; what happens meanwhile is drawn when it is back. */
function draw() {
  watch();
  if (isBlank()) return;
  showStatus(ward.status);
  panel.refresh();
}

function drawAll() {
  draw();
  if (isBlank()) return;
  if (ward.isOver) {
    panel.close();
    hideBoard();
  } else if (isFollowed) drawBeds();
  ward.hurry();
}

function drawBeds() {
  showBoard(rows(), now());
  marks.show();
  panel.refresh();
}

function changed(before, after) {
  isFollowed = true;
  watch();
  if (isBlank()) return;
  if (before !== null) announce(news(before, after));
  drawBeds();
}

function news(before, after) {
  const called = calling(before.alerts, after.alerts).map((alert) => spoken(alert, findRow(after, alert.patientId)));
  return [change(before.rows, after.rows), ...called].filter(Boolean).join(" ");
}

/** Only what is live, on the page and in sight can be seen to change. */
function watch() {
  if (isFollowed) marks.watched(ward.isLive && !isBlank() && document.visibilityState === "visible");
}

function tick() {
  ward.tick(document.visibilityState === "visible");
  watch();
  if (isBlank()) return;
  document.querySelector("[data-clock]").textContent = timeOfDay(now());
  showAges(now());
  if (isFollowed) marks.show();
  panel.refresh();
}

function open(patientId) {
  marks.opened(patientId);
  panel.open(patientId);
}

onRestored(drawAll);
onGone(() => ward.end({ kind: "signed-out", reason: "signed-out" }));
onOpen(open);
showStatus(ward.status);
setInterval(tick, TICK_MS);
document.addEventListener("visibilitychange", tick);
window.addEventListener("pageshow", tick);
ward.start();
