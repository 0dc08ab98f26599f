/** The ward's board as far as this screen knows it: snapshot plus events, in the order of the feed. Pure. */

import { ALERT_EVENT_NAMES, alertsAfter } from "./alerts_state.js";

/**
 * `rows` are in bed order, `alerts` are the open ones of the ward. `waiting` holds the events that come while an
 * answer is on its way. `reload`: what is held cannot be brought up to date, only a snapshot can.
 */
export function emptyBoard() {
  return { feed: null, epoch: null, seq: null, ward: null, rows: [], alerts: [], waiting: null, reload: true };
}

/** What the server is told that this screen holds, {epoch, seq}; null when it needs a snapshot. */
export function held({ epoch, seq, reload }) {
  return reload || epoch === null ? null : { epoch, seq };
}

/** An answer was asked for. What comes before it is kept: it can arrive in the very frame of the answer. */
export function answerAsked(board) {
  return { ...board, waiting: board.waiting ?? [], reload: false };
}

/** Answers `{board, gap}`, as `eventReceived` does. */
export function snapshotReceived(board, snapshot) {
  const { feed, epoch, seq, ward, beds, alerts = [] } = snapshot;
  const next = { ...board, feed, epoch, seq, ward, rows: [...beds].sort(byBed), alerts, waiting: null };
  return afterWaiting(next, board.waiting ?? []);
}

/** Takes what was missed, event by event; all of it or, with a gap, nothing. Answers `{board, gap}`. */
export function missedReceived(board, answer) {
  const failed = { board: { ...board, reload: true }, gap: true };
  if (answer.resync) return failed;
  let next = { ...board, waiting: null };
  for (const { target, arguments: [payload, envelope] } of answer.events) {
    const { board: after, gap } = eventReceived(next, { name: target, payload, envelope });
    if (gap) return failed;
    next = after;
  }
  // Behind the last event there may be some that this reader does not get to see.
  return afterWaiting({ ...next, seq: Math.max(next.seq, answer.seq) }, board.waiting ?? []);
}

/**
 * `event` is {name, payload, envelope}. A gap means that this screen has missed something and must ask for it;
 * the event itself is then not applied. Numbers of another epoch say nothing about what is held.
 */
export function eventReceived(board, event) {
  if (board.waiting !== null) return { board: { ...board, waiting: [...board.waiting, event] }, gap: false };
  const { feed, epoch, after, seq } = event.envelope;
  if (feed !== board.feed) return { board, gap: false };
  if (epoch !== board.epoch) return { board: { ...board, reload: true }, gap: true };
  if (after > board.seq) return { board, gap: true };
  if (seq <= board.seq) return { board, gap: false };
  const next = { ...board, seq, rows: applied(board.rows, event), alerts: alertsAfter(board.alerts, event) };
  return { board: next, gap: false };
}

/** The feed does not flow here any more. This holds for an answer on its way too: it may be older. */
export function feedEnded(board) {
  return { ...board, reload: true };
}

/** Has the server sent more than what is held, or does it not serve this feed at all? `feeds` is {name: number}. */
export function isBehind(board, feeds) {
  return board.waiting === null && board.seq !== null && !(feeds[board.feed] <= board.seq);
}

export function findRow(board, patientId) {
  return board.rows.find((row) => row.patientId === patientId);
}

/** Bed 2 before bed 10, as `clinical.services.board.bed_order` has it. */
export function byBed(left, right) {
  const [a, b] = [parts(left.bed), parts(right.bed)];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    if (a[at].number !== b[at].number) return a[at].number - b[at].number;
    if (a[at].text !== b[at].text) return a[at].text < b[at].text ? -1 : 1;
  }
  return a.length - b.length;
}

function parts(bed) {
  return (bed.match(/[0-9]+|[^0-9]+/g) ?? []).map((part) =>
    /^[0-9]/.test(part) ? { number: Number(part), text: "" } : { number: -1, text: part },
  );
}

const REDUCERS = {
  ObservationRecorded: (row, { version, observation }) => ({ ...row, version, observation }),
  OrderDrafted: (row, { version, order }) => ({ ...row, version, draftOrders: withOrder(row.draftOrders, order) }),
  PatientChanged: (_, { row }) => row,
  PatientLeft: () => null,
};

// A snapshot reads the patients first: its orders may be newer than its versions.
function withOrder(orders, order) {
  return orders.some(({ orderId }) => orderId === order.orderId) ? orders : [...orders, order];
}

export const EVENT_NAMES = [...Object.keys(REDUCERS), ...ALERT_EVENT_NAMES];

function afterWaiting(board, events) {
  let next = board;
  for (const event of events) {
    const { board: after, gap } = eventReceived(next, event);
    if (gap) return { board: after, gap };
    next = after;
  }
  return { board: next, gap: next.reload };
}

function applied(rows, { name, payload }) {
  // An event that only newer pages know still has its number.
  if (!(name in REDUCERS)) return rows;
  const { patientId, version } = payload.row ?? payload;
  const old = rows.find((row) => row.patientId === patientId);
  // Events carry state: what the row shows already, or is newer than, changes nothing.
  if (old !== undefined && version <= old.version) return rows;
  // Somebody who is not on the board has left it since; only an arrival brings them back.
  if (old === undefined && name !== "PatientChanged") return rows;
  const changed = REDUCERS[name](old, payload);
  const others = rows.filter((row) => row !== old);
  return changed === null ? others : [...others, changed].sort(byBed);
}
