import assert from "node:assert/strict";
import test from "node:test";

import {
  answerAsked, byBed, emptyBoard, eventReceived, feedEnded, findRow, held, isBehind, missedReceived, snapshotReceived,
} from "../../clinical/static/clinical/js/board_state.js";

const FEED = "ward:icu";

function row(patientId, bed, version = 1) {
  return { patientId, bed, version, name: patientId, observation: null, draftOrders: [] };
}

function snapshot(seq = 10, beds = [row("a", "1"), row("b", "2")]) {
  return { feed: FEED, epoch: 1, seq, ward: { id: "icu", name: "ICU" }, beds };
}

function event(name, payload, after, seq = after + 1, envelope = {}) {
  return { name, payload, envelope: { feed: FEED, epoch: 1, after, seq, at: "2026-11-24T14:00:00Z", ...envelope } };
}

function recorded(patientId, version, setId, after, seq) {
  return event("ObservationRecorded", { patientId, version, observation: { setId } }, after, seq);
}

function live(seq, beds) {
  return snapshotReceived(answerAsked(emptyBoard()), snapshot(seq, beds)).board;
}

function apply(board, ...events) {
  return events.reduce((before, each) => {
    const { board: after, gap } = eventReceived(before, each);
    assert.equal(gap, false);
    return after;
  }, board);
}

test("the next event of the feed changes its row and moves the number", () => {
  const board = apply(live(), recorded("a", 2, "s1", 10));
  assert.equal(board.seq, 11);
  assert.equal(findRow(board, "a").observation.setId, "s1");
  assert.equal(findRow(board, "a").version, 2);
});

test("an event that merges several moves the number past the hole", () => {
  assert.equal(apply(live(), recorded("a", 4, "s1", 10, 14)).seq, 14);
});

test("an event that starts before and ends after the number is no gap", () => {
  assert.equal(apply(live(), recorded("a", 2, "s1", 9, 12)).seq, 12);
});

test("an event that was served already changes nothing", () => {
  const board = live();
  assert.deepEqual(eventReceived(board, recorded("a", 9, "old", 8, 10)), { board, gap: false });
});

test("an event after a hole is a gap and is not applied", () => {
  const board = live();
  assert.deepEqual(eventReceived(board, recorded("a", 2, "s1", 11)), { board, gap: true });
});

test("an event of another epoch is a gap that only a snapshot fills", () => {
  const { board, gap } = eventReceived(live(), event("PatientLeft", { patientId: "a", version: 2 }, 10, 11, { epoch: 2 }));
  assert.deepEqual([gap, held(board), board.rows.length], [true, null, 2]);
});

test("an event of another feed is ignored", () => {
  const board = live();
  const other = event("PatientLeft", { patientId: "a", version: 2 }, 10, 11, { feed: "ward:cardio" });
  assert.deepEqual(eventReceived(board, other), { board, gap: false });
});

test("an event before any snapshot is ignored", () => {
  const board = emptyBoard();
  assert.deepEqual(eventReceived(board, recorded("a", 2, "s1", 10)), { board, gap: false });
});

test("state that the snapshot held already does not replace the newer state", () => {
  const newer = { ...row("a", "1", 5), observation: { setId: "newest" } };
  const board = apply(live(10, [newer]), recorded("a", 4, "older", 10));
  assert.equal(findRow(board, "a").observation.setId, "newest");
  assert.equal(board.seq, 11);
});

test("an order that the snapshot held already is not shown twice", () => {
  const order = { orderId: "o1", drugName: "Paracetamol" };
  const holding = { ...row("a", "1", 3), draftOrders: [order] };
  const board = apply(live(10, [holding]), event("OrderDrafted", { patientId: "a", version: 3, order }, 10));
  assert.deepEqual(findRow(board, "a").draftOrders, [order]);
});

test("an order that the snapshot read after the version of its patient is not shown twice", () => {
  const order = { orderId: "o1", drugName: "Paracetamol" };
  const torn = { ...row("a", "1", 2), draftOrders: [order] };
  const board = apply(live(10, [torn]), event("OrderDrafted", { patientId: "a", version: 3, order }, 10));
  assert.deepEqual([findRow(board, "a").draftOrders, findRow(board, "a").version], [[order], 3]);
});

test("a draft order joins the row's other drafts", () => {
  const drafted = (orderId, version, after) => event("OrderDrafted", { patientId: "a", version, order: { orderId } }, after);
  const board = apply(live(), drafted("o1", 2, 10), drafted("o2", 3, 11));
  assert.deepEqual(findRow(board, "a").draftOrders, [{ orderId: "o1" }, { orderId: "o2" }]);
});

test("a patient who comes, moves or leaves keeps the beds in order", () => {
  const beds = (board) => board.rows.map(({ patientId }) => patientId).join("");
  let board = apply(live(10, [row("a", "1"), row("b", "10")]), event("PatientChanged", { row: row("c", "2") }, 10));
  assert.equal(beds(board), "acb");
  board = apply(board, event("PatientChanged", { row: row("a", "11", 2) }, 11));
  assert.equal(beds(board), "cba");
  board = apply(board, event("PatientLeft", { patientId: "b", version: 2 }, 12));
  assert.equal(beds(board), "ca");
});

test("an event about somebody who has left adds nobody", () => {
  const board = apply(live(), recorded("gone", 3, "s1", 10));
  assert.equal(board.rows.length, 2);
  assert.equal(board.seq, 11);
});

test("what comes in the frame of the snapshot, before it is taken, is applied after it", () => {
  const asked = apply(answerAsked(emptyBoard()), recorded("a", 2, "s1", 10), recorded("b", 2, "s2", 11));
  const { board, gap } = snapshotReceived(asked, snapshot());
  assert.equal(gap, false);
  assert.equal(board.seq, 12);
  assert.equal(findRow(board, "b").observation.setId, "s2");
});

test("what waited for a snapshot and is in it already changes nothing", () => {
  const asked = apply(answerAsked(live()), recorded("a", 2, "s1", 10));
  const { board } = snapshotReceived(asked, snapshot(11, [{ ...row("a", "1", 2), observation: { setId: "s1" } }]));
  assert.equal(board.seq, 11);
  assert.equal(board.rows.length, 1);
});

test("what waited for a snapshot and does not join it is a gap", () => {
  const asked = apply(answerAsked(emptyBoard()), recorded("a", 2, "s1", 15));
  assert.equal(snapshotReceived(asked, snapshot()).gap, true);
});

test("a snapshot replaces everything, also a newer number", () => {
  const board = apply(live(), recorded("a", 2, "s1", 10));
  const { board: replaced } = snapshotReceived(answerAsked(board), snapshot(3, [row("z", "9")]));
  assert.deepEqual([replaced.seq, replaced.rows.map(({ patientId }) => patientId)], [3, ["z"]]);
});

test("asking again while a snapshot is on its way loses nothing that waits", () => {
  const asked = apply(answerAsked(emptyBoard()), recorded("a", 2, "s1", 10));
  assert.equal(answerAsked(asked).waiting.length, 1);
});

function missed(seq, ...events) {
  const calls = events.map(({ name, payload, envelope }) => ({ target: name, arguments: [payload, envelope] }));
  return { resync: false, feed: FEED, epoch: 1, seq, events: calls };
}

test("what is held is said once there is something", () => {
  assert.equal(held(emptyBoard()), null);
  assert.deepEqual(held(live()), { epoch: 1, seq: 10 });
});

test("what was missed is applied as if it had come by itself", () => {
  const events = [recorded("a", 2, "s1", 10, 14), event("PatientLeft", { patientId: "b", version: 2 }, 14)];
  const { board, gap } = missedReceived(answerAsked(live()), missed(15, ...events));
  assert.equal(gap, false);
  assert.deepEqual(board, apply(live(), ...events));
});

test("what is withheld behind the last missed event is counted", () => {
  assert.equal(missedReceived(answerAsked(live()), missed(17, recorded("a", 2, "s1", 10))).board.seq, 17);
});

test("what comes while the missed events are on their way is applied after them, once", () => {
  const asked = apply(answerAsked(live()), recorded("a", 3, "s2", 11), recorded("b", 2, "s3", 12));
  const { board, gap } = missedReceived(asked, missed(12, recorded("a", 2, "s1", 10), recorded("a", 3, "s2", 11)));
  assert.deepEqual([gap, board.seq], [false, 13]);
  assert.equal(findRow(board, "a").observation.setId, "s2");
  assert.equal(findRow(board, "b").observation.setId, "s3");
});

test("what comes meanwhile and does not join the missed events is a gap", () => {
  const asked = apply(answerAsked(live()), recorded("a", 3, "s2", 15));
  const { board, gap } = missedReceived(asked, missed(11, recorded("a", 2, "s1", 10)));
  assert.deepEqual([gap, held(board)], [true, { epoch: 1, seq: 11 }]);
});

test("missed events with a hole are not taken in part", () => {
  const { board, gap } = missedReceived(answerAsked(live()), missed(13, recorded("a", 2, "s1", 10), recorded("b", 2, "s2", 12)));
  assert.deepEqual([gap, held(board), board.rows], [true, null, live().rows]);
});

test("the word to reload keeps the rows on the screen until the snapshot is there", () => {
  const { board, gap } = missedReceived(answerAsked(live()), { resync: true });
  assert.deepEqual([gap, held(board), board.rows.length], [true, null, 2]);
});

test("a feed that ends while an answer is on its way makes that answer too old", () => {
  const { board, gap } = snapshotReceived(feedEnded(answerAsked(live())), snapshot(20));
  assert.deepEqual([gap, held(board), board.seq], [true, null, 20]);
});

test("a snapshot that was asked for and did not come leaves what is held to be resumed", () => {
  assert.deepEqual(held(answerAsked(feedEnded(live()))), { epoch: 1, seq: 10 });
});

test("an event that only newer pages know has its number and changes nothing", () => {
  const board = apply(live(), event("AlertRaised", { patientId: "a", version: 9 }, 10));
  assert.deepEqual([board.seq, board.rows], [11, live().rows]);
});

test("a screen is behind when the server has sent more than it holds, or serves it no more", () => {
  assert.equal(isBehind(live(), { [FEED]: 10 }), false);
  assert.equal(isBehind(live(), { [FEED]: 11 }), true);
  assert.equal(isBehind(live(), { "ward:cardio": 3 }), true);
  assert.equal(isBehind(answerAsked(live()), { [FEED]: 11 }), false);
  assert.equal(isBehind(emptyBoard(), { [FEED]: 11 }), false);
});

test("beds are in the order of the ward", () => {
  const beds = ["10", "B1", "2", "A10", "A2", "1", "A2b"].map((bed) => ({ bed }));
  assert.deepEqual(beds.sort(byBed).map(({ bed }) => bed), ["A2", "A2b", "A10", "B1", "1", "2", "10"]);
});
