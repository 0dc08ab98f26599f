/* The real connection stands around it; a scripted hub brings the orders of arrival that a network seldom makes. */
import assert from "node:assert/strict";
import test from "node:test";

import { WardFeed } from "../../clinical/static/clinical/js/ward_feed.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const row = (patientId, bed, version = 1) => ({ patientId, bed, version, name: patientId, observation: null, draftOrders: [] });
const snapshot = (seq, beds = [row("a", "1")], epoch = 1) => ({ feed: "ward:icu", epoch, seq, ward: { id: "icu" }, beds });
const place = (after, seq = after + 1, epoch = 1) => ({ feed: "ward:icu", epoch, after, seq });
const set = (version, setId, patientId = "a") => ({
  patientId,
  version,
  observation: { setId, score: { band: "low" } },
});
const missed = (seq, ...events) => ({
  resync: false, feed: "ward:icu", epoch: 1, seq, events: events.map((each) => ({ target: "ObservationRecorded", arguments: each })),
});

/** A hub whose calls stay open until the test answers them. */
function follow() {
  const calls = [];
  const seen = { rows: [], repairs: 0, refused: [] };
  const feed = new WardFeed({
    ward: "icu",
    invoke: (action, ...args) =>
      new Promise((resolve, reject) => calls.push({ asked: [action, ...args], answer: (value) => (resolve(value), settled()), fail: reject })),
    repair: () => {
      seen.repairs += 1;
      // As the connection does it: one at a time, and it fails for itself.
      seen.running ??= feed.synchronise().catch(() => {}).finally(() => (seen.running = undefined));
    },
    onChange: (before, after) => seen.rows.push({ before: before && before.rows, rows: after.rows, alerts: after.alerts }),
    onRefused: (reason) => {
      seen.refused.push(reason);
      feed.end();
    },
  });
  return { feed, calls, seen, hub: feed.handlers };
}

async function live(seq = 10) {
  const parts = follow();
  const started = parts.feed.synchronise();
  await parts.calls.shift().answer(snapshot(seq));
  await started;
  return parts;
}

test("a first start asks for a snapshot, a later one for what was missed", async () => {
  const { feed, calls, seen } = await live();
  assert.equal(seen.rows[0].before, null);
  feed.synchronise();
  assert.deepEqual(calls[0].asked, ["ResumeWard", "icu", 1, 10]);
  await calls[0].answer(missed(11, [set(2, "s1"), place(10)]));
  assert.deepEqual(feed.rows[0].observation.setId, "s1");
  // One change for all that was missed, so that it is read out once.
  assert.equal(seen.rows.length, 2);
  assert.deepEqual(seen.rows[1].before, [row("a", "1")]);
});

test("the word to reload brings a snapshot, and no row leaves the screen before", async () => {
  const { feed, calls, seen } = await live();
  feed.synchronise();
  await calls[0].answer({ resync: true });
  assert.deepEqual(calls[1].asked, ["SubscribeToWard", "icu"]);
  assert.deepEqual([seen.rows.length, feed.rows.length], [1, 1]);
  await calls[1].answer(snapshot(99, [row("b", "2")], 2));
  assert.deepEqual(feed.rows.map(({ patientId }) => patientId), ["b"]);
});

test("a gap makes the screen resume at once", async () => {
  const { feed, calls, hub, seen } = await live();
  hub.ObservationRecorded(set(9, "s9"), place(12));
  assert.equal(feed.rows[0].observation, null);
  assert.deepEqual(calls[0].asked, ["ResumeWard", "icu", 1, 10]);
  // What comes now waits, and the gap is not asked for twice.
  hub.ObservationRecorded(set(10, "s10"), place(13));
  assert.equal(seen.repairs, 1);
  await calls[0].answer(missed(13, [set(8, "s8"), place(10, 12)], [set(9, "s9"), place(12)]));
  assert.equal(feed.rows[0].observation.setId, "s10");
});

test("an event that is held already changes nothing", async () => {
  const { calls, hub, seen } = await live();
  hub.ObservationRecorded(set(9, "s9"), place(9));
  assert.deepEqual([calls.length, seen.rows.length], [0, 1]);
});

test("a new epoch brings a snapshot", async () => {
  const { calls, hub } = await live();
  hub.ObservationRecorded(set(9, "s9"), place(10, 11, 2));
  assert.deepEqual(calls[0].asked, ["SubscribeToWard", "icu"]);
});

test("a feed that was ended for a resync brings a snapshot, also while another answer is on its way", async () => {
  const { feed, calls, hub } = await live();
  hub.FeedEnded({ feed: "ward:icu", reason: "resync" });
  assert.deepEqual(calls[0].asked, ["SubscribeToWard", "icu"]);
  hub.FeedEnded({ feed: "ward:icu", reason: "resync" });
  await calls[0].answer(snapshot(20));
  assert.deepEqual(calls[1].asked, ["SubscribeToWard", "icu"]);
  await calls[1].answer(snapshot(21));
  assert.equal(calls.length, 2);
  assert.equal(feed.rows.length, 1);
});

test("a feed that nobody could read any more flows again once a call succeeds, and refuses nobody", async () => {
  const { feed, calls, hub, seen } = await live();
  hub.FeedEnded({ feed: "ward:icu", reason: "unavailable" });
  assert.deepEqual([seen.repairs, calls[0].asked], [1, ["SubscribeToWard", "icu"]]);
  calls[0].fail(new Error("An unexpected error occurred invoking 'SubscribeToWard' on the server."));
  await settled();
  assert.deepEqual([seen.refused, feed.rows.length], [[], 1]);
  const again = feed.synchronise();
  await calls[1].answer(missed(11, [set(2, "s1"), place(10)]));
  await again;
  hub.ObservationRecorded(set(3, "s2"), place(11));
  assert.deepEqual([feed.rows[0].observation.setId, seen.repairs, calls.length], ["s2", 1, 2]);
});

test("a feed that is forbidden now takes the patients away, and no answer brings them back", async () => {
  const { feed, calls, hub, seen } = await live();
  feed.synchronise();
  hub.FeedEnded({ feed: "ward:icu", reason: "forbidden" });
  assert.deepEqual(seen.refused, ["Your access to this ward has ended."]);
  const shown = seen.rows.length;
  await calls[0].answer(missed(11, [set(2, "s1"), place(10)]));
  hub.PatientChanged({ row: row("c", "3") }, place(11));
  assert.deepEqual([feed.rows, seen.rows.length, seen.repairs, calls.length], [[], shown, 0, 1]);
});

test("the end of another feed means nothing here", async () => {
  const { calls, hub, seen } = await live();
  hub.FeedEnded({ feed: "ward:cardio", reason: "forbidden" });
  assert.deepEqual([calls.length, seen.refused.length], [0, 0]);
});

test("a refusal is told in the hub's words, a lost role in ours", async () => {
  for (const [message, reason] of [
    ["An unexpected error occurred invoking 'ResumeWard' on the server. HubException: Access is over.", "Access is over."],
    ["Failed to invoke 'ResumeWard' because user is unauthorized", "Your account does not open this ward."],
  ]) {
    const { feed, calls, seen } = await live();
    const failed = assert.rejects(feed.synchronise());
    calls[0].fail(new Error(message));
    await failed;
    assert.deepEqual([seen.refused, feed.rows], [[reason], []]);
  }
});

test("two reconnects in quick succession lose nothing and take nothing twice", async () => {
  const { feed, calls, hub } = await live();
  const first = assert.rejects(feed.synchronise());
  // It came with the first connection, whose answer never does.
  hub.ObservationRecorded(set(2, "s1"), place(10));
  calls[0].fail(new Error("Invocation canceled due to the underlying connection being closed."));
  await first;
  const second = feed.synchronise();
  assert.deepEqual(calls[1].asked, ["ResumeWard", "icu", 1, 10]);
  await calls[1].answer(missed(12, [set(2, "s1"), place(10)], [set(3, "s2"), place(11)]));
  await second;
  hub.ObservationRecorded(set(4, "s3"), place(12));
  assert.equal(feed.rows[0].observation.setId, "s3");
  assert.equal(calls.length, 2);
});

test("a heartbeat that names more than is held makes the screen resume", async () => {
  const { feed, calls } = await live();
  feed.served({ "ward:icu": 10 });
  assert.equal(calls.length, 0);
  feed.served({ "ward:icu": 12 });
  assert.deepEqual(calls[0].asked, ["ResumeWard", "icu", 1, 10]);
});

test("a step of an alert is a change although all rows stay as they are", async () => {
  const { feed, seen, hub } = await live();
  const alert = { id: "x", patientId: "a", version: 1, state: "raised", severity: "high", level: 0, raisedAt: "2026-11-24T14:00:00Z" };
  hub.AlertRaised({ alert }, place(10));
  assert.deepEqual(feed.alerts, [alert]);
  hub.AlertResolved({ alert: { ...alert, version: 2, state: "resolved" } }, place(11));
  assert.deepEqual(feed.alerts, []);
  assert.equal(seen.rows.length, 3);
});
