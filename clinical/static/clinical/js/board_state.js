/** The ward's board as far as this screen knows it: snapshot plus events, in the order of the feed. Pure. */

/** `rows` are in bed order. `waiting` holds the events that come while a snapshot is on its way. */
export function emptyBoard() {
  return { feed: null, epoch: null, seq: null, ward: null, rows: [], waiting: null };
}

/** A snapshot was asked for. What comes before it is kept: it can arrive in the very frame of the answer. */
export function snapshotAsked(board) {
  return { ...board, waiting: board.waiting ?? [] };
}

/** Answers `{board, gap}`, as `eventReceived` does. */
export function snapshotReceived(board, snapshot) {
  const { feed, epoch, seq, ward, beds } = snapshot;
  let next = { feed, epoch, seq, ward, rows: [...beds].sort(byBed), waiting: null };
  for (const event of board.waiting ?? []) {
    const { board: after, gap } = eventReceived(next, event);
    if (gap) return { board: after, gap };
    next = after;
  }
  return { board: next, gap: false };
}

/**
 * `event` is {name, payload, envelope}. A gap means that this screen has missed something and must ask for a
 * snapshot; the event itself is then not applied.
 */
export function eventReceived(board, event) {
  if (board.waiting !== null) return { board: { ...board, waiting: [...board.waiting, event] }, gap: false };
  const { feed, epoch, after, seq } = event.envelope;
  if (feed !== board.feed) return { board, gap: false };
  if (epoch !== board.epoch || after > board.seq) return { board, gap: true };
  if (seq <= board.seq) return { board, gap: false };
  return { board: { ...board, seq, rows: applied(board.rows, event) }, gap: false };
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

export const EVENT_NAMES = Object.keys(REDUCERS);

function applied(rows, { name, payload }) {
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
