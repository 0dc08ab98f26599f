/** The page of a ward's board: joins token, connection, state and views. */

import { findRow } from "./board_state.js";
import { announce, hideBoard, onOpen, showAges, showBoard } from "./board_view.js";
import { now, setServerTime, setTimeZone, timeOfDay } from "./clock.js";
import { Connection } from "./connection.js";
import { createPanel } from "./panel.js";
import { change } from "./announcement.js";
import { hasSlept, initialStatus, isFinal, isLive, nextStatus, overdue } from "./status_state.js";
import { showStatus } from "./status_view.js";
import { tokenSource } from "./token.js";
import { tokenRefresh } from "./token_refresh.js";
import { WardFeed } from "./ward_feed.js";

const TICK_MS = 1_000;
const settings = document.body.dataset;
setServerTime(Date.parse(settings.now));
setTimeZone(settings.timeZone);

let status = initialStatus(now());
let lastTick = Date.now();
let heard = now();
let wrongSince = null;

const accessToken = tokenSource({
  url: settings.token,
  csrfToken: document.querySelector("[name=csrfmiddlewaretoken]").value,
  user: settings.user,
  onSignedOut: (reason) => end({ kind: "signed-out", reason }),
});

const ward = new WardFeed({
  ward: settings.ward,
  invoke: (...args) => connection.invoke(...args),
  repair,
  onRows: showChange,
  onRefused: (reason) => end({ kind: "refused", reason }),
});

const token = tokenRefresh({ accessToken, invoke: (...args) => connection.invoke(...args) });

const connection = new Connection({
  url: settings.hub,
  accessToken: token.factory,
  handlers: { ...ward.handlers, Heartbeat: heartbeat },
  synchronise: () => ward.synchronise(),
  onStatus: setStatus,
});

const panel = createPanel({
  invoke: (...args) => connection.invoke(...args),
  rowOf: (patientId) => findRow(ward, patientId),
  isLive: () => isLive(status),
});

/** The board is known to be wrong; a moment of that is nothing to see, more of it is. */
function repair() {
  wrongSince ??= now();
  connection.synchronise();
}

/** The server has read the ward's feed. A screen that was silent is made right before it is called live. */
function heartbeat({ serverTime, feeds }) {
  setServerTime(Date.parse(serverTime));
  heard = now();
  if (isLive(status)) {
    ward.served(feeds);
    token.refresh();
  } else if (!isFinal(status)) connection.synchronise();
}

function setStatus(changed) {
  if (changed.kind === "live") {
    heard = now();
    wrongSince = null;
  }
  if (changed.kind === "disconnected") token.doubt();
  status = nextStatus(status, changed, now());
  showStatus(status);
  panel.refresh();
}

/** Nothing is tried any more, and nothing is shown to somebody who may not see it. */
function end(changed) {
  setStatus(changed);
  ward.end();
  panel.close();
  hideBoard();
  connection.end();
}

function showChange(before, rows) {
  if (before !== null) announce(change(before, rows));
  showBoard(rows, now());
  panel.refresh();
}

function tick() {
  const time = Date.now();
  if (document.visibilityState === "visible" && hasSlept(lastTick, time) && isLive(status)) {
    setStatus({ kind: "reconnecting", at: now() - (time - lastTick) });
    connection.synchronise();
  }
  lastTick = time;
  const changed = overdue(status, { heard, wrongSince }, now());
  if (changed !== null) setStatus(changed);
  document.querySelector("[data-clock]").textContent = timeOfDay(now());
  showAges(now());
  panel.refresh();
}

onOpen((patientId) => panel.open(patientId));
showStatus(status);
setInterval(tick, TICK_MS);
document.addEventListener("visibilitychange", tick);
window.addEventListener("pageshow", tick);
connection.start();
