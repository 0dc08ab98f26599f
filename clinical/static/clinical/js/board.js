/** The page of a ward's board: joins token, connection, state and views. */

import { EVENT_NAMES, emptyBoard, eventReceived, findRow, snapshotAsked, snapshotReceived } from "./board_state.js";
import { announce, hideBoard, onOpen, showAges, showBoard } from "./board_view.js";
import { now, setServerTime, setTimeZone, timeOfDay } from "./clock.js";
import { Connection } from "./connection.js";
import { ownText } from "./hub_errors.js";
import { createPanel } from "./panel.js";
import { change } from "./announcement.js";
import { hasSlept, initialStatus, isFinal, isLive, nextStatus, silence } from "./status_state.js";
import { showStatus } from "./status_view.js";
import { tokenSource } from "./token.js";

const TICK_MS = 1_000;
const settings = document.body.dataset;
setServerTime(Date.parse(settings.now));
setTimeZone(settings.timeZone);

let board = emptyBoard();
let status = initialStatus(now());
let lastTick = Date.now();
let heard = now();

const accessToken = tokenSource({
  url: settings.token,
  csrfToken: document.querySelector("[name=csrfmiddlewaretoken]").value,
  user: settings.user,
  onSignedOut: (reason) => end({ kind: "signed-out", reason }),
});

const connection = new Connection({
  url: settings.hub,
  accessToken,
  handlers: {
    ...Object.fromEntries(EVENT_NAMES.map((name) => [name, (payload, envelope) => receive({ name, payload, envelope })])),
    Heartbeat: heartbeat,
  },
  synchronise: subscribe,
  onStatus: setStatus,
});

const panel = createPanel({
  invoke: (...args) => connection.invoke(...args),
  rowOf: (patientId) => findRow(board, patientId),
  isLive: () => isLive(status),
});

/** Replaces the board by the ward's newest snapshot; again while that leaves a gap. */
async function subscribe() {
  let gap = true;
  while (gap) {
    board = snapshotAsked(board);
    try {
      const snapshot = await connection.invoke("SubscribeToWard", settings.ward);
      ({ board, gap } = snapshotReceived(board, snapshot));
    } catch (error) {
      if (ownText(error) !== null) end({ kind: "refused", reason: ownText(error) });
      throw error;
    }
  }
  show();
}

function receive(event) {
  const before = board;
  const received = eventReceived(board, event);
  board = received.board;
  if (received.gap) connection.synchronise();
  if (board.rows !== before.rows) {
    announce(change(before.rows, board.rows));
    show();
  }
}

/** The server has read the ward's feed. After a silence the board is made right before it is called live. */
function heartbeat() {
  heard = now();
  if (!isLive(status) && !isFinal(status)) connection.synchronise();
}

function setStatus(changed) {
  if (changed.kind === "live") heard = now();
  status = nextStatus(status, changed, now());
  showStatus(status);
  panel.refresh();
}

/** Nothing is tried any more, and nothing is shown to somebody who may not see it. */
function end(changed) {
  setStatus(changed);
  board = emptyBoard();
  panel.close();
  hideBoard();
  connection.end();
}

function show() {
  showBoard(board.rows, now());
  panel.refresh();
}

function tick() {
  const time = Date.now();
  if (document.visibilityState === "visible" && hasSlept(lastTick, time) && isLive(status)) {
    setStatus({ kind: "reconnecting", at: now() - (time - lastTick) });
    connection.synchronise();
  }
  lastTick = time;
  const silent = silence(status, heard, now());
  if (silent !== null) setStatus(silent);
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
