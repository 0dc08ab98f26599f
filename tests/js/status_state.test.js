import assert from "node:assert/strict";
import test from "node:test";

import { hasSlept, initialStatus, isFinal, isLive, nextStatus, overdue, statusText } from "../../clinical/static/clinical/js/status_state.js";

const live = nextStatus(initialStatus(1_000), { kind: "live" }, 2_000);

test("a fresh page is not live", () => {
  const status = initialStatus(1_000);
  assert.equal(isLive(status), false);
  assert.match(statusText(status, "04:12:33").detail, /not live yet/);
});

test("live since it became so", () => {
  assert.deepEqual(live, { kind: "live", since: 2_000, reason: undefined });
  assert.deepEqual(statusText(live, "04:12:33"), { label: "Live", detail: "since 04:12:33" });
});

test("what is lost is lost since then, however often it is tried", () => {
  let status = nextStatus(live, { kind: "reconnecting" }, 10_000);
  assert.equal(statusText(status, "04:12:33").label, "Reconnecting");
  status = nextStatus(status, { kind: "disconnected" }, 60_000);
  status = nextStatus(status, { kind: "disconnected" }, 90_000);
  assert.deepEqual([status.kind, status.since], ["disconnected", 10_000]);
  assert.deepEqual(statusText(status, "04:12:33"), { label: "NOT LIVE", detail: "since 04:12:33 – check the bedside" });
});

test("a first start that fails is not live since the page came", () => {
  assert.equal(nextStatus(initialStatus(1_000), { kind: "disconnected" }, 31_000).since, 1_000);
});

test("silence counts from when it began, not from when it was noticed", () => {
  const error = new Error("Server timeout elapsed without receiving a message from the server.");
  assert.equal(nextStatus(live, { kind: "reconnecting", error }, 100_000).since, 70_000);
});

test("a screen that slept is not live since it fell asleep", () => {
  assert.equal(nextStatus(live, { kind: "reconnecting", at: 5_000 }, 100_000).since, 5_000);
  assert.equal(hasSlept(0, 31_000), true);
  assert.equal(hasSlept(0, 1_500), false);
});

test("a clock that was set back is taken for a sleep", () => {
  assert.equal(hasSlept(100_000, 1_000), true);
});

test("who is signed out stays so, whatever the connection still says", () => {
  const out = nextStatus(live, { kind: "signed-out", reason: "other-user" }, 10_000);
  assert.equal(nextStatus(out, { kind: "live" }, 20_000), out);
  assert.equal(isFinal(out), true);
  assert.match(statusText(out, "04:12:33").detail, /Somebody else has logged in.*NOT LIVE since 04:12:33/);
});

test("a refusal shows what the hub said", () => {
  const refused = nextStatus(live, { kind: "refused", reason: "Access to this ward requires matching department assignment." }, 1);
  assert.equal(isFinal(refused), true);
  assert.deepEqual(statusText(refused, ""), { label: "No access", detail: "Access to this ward requires matching department assignment." });
});

test("a server that says nothing of the ward makes the board amber after 30 s and NOT LIVE after 60", () => {
  assert.equal(overdue(live, { heard: 100_000 }, 130_000), null);
  const stale = nextStatus(live, overdue(live, { heard: 100_000 }, 130_001), 130_001);
  assert.deepEqual([stale.kind, stale.since, isLive(stale)], ["stale", 100_000, false]);
  assert.deepEqual(statusText(stale, "04:12:33"), { label: "Delayed", detail: "no word since 04:12:33" });
  assert.equal(overdue(stale, { heard: 100_000 }, 160_000), null);
  const dead = nextStatus(stale, overdue(stale, { heard: 100_000 }, 160_001), 160_001);
  assert.deepEqual([dead.kind, dead.since], ["disconnected", 100_000]);
});

test("a connection that is being tried is amber for a minute and then NOT LIVE", () => {
  const trying = nextStatus(live, { kind: "reconnecting" }, 10_000);
  assert.equal(overdue(trying, { heard: 0 }, 70_000), null);
  assert.deepEqual(overdue(trying, { heard: 0 }, 70_001), { kind: "disconnected" });
});

test("what is NOT LIVE does not turn amber again while it is tried", () => {
  const dead = nextStatus(live, { kind: "disconnected" }, 10_000);
  assert.equal(nextStatus(dead, { kind: "reconnecting" }, 20_000), dead);
  assert.equal(isLive(nextStatus(dead, { kind: "live" }, 30_000)), true);
});

test("a page that never became live says so, amber first and then NOT LIVE", () => {
  const fresh = initialStatus(1_000);
  assert.equal(overdue(fresh, { heard: 1_000 }, 31_000), null);
  const stale = nextStatus(fresh, overdue(fresh, { heard: 1_000 }, 31_001), 31_001);
  assert.deepEqual([stale.kind, stale.since], ["stale", 1_000]);
  assert.equal(overdue(stale, { heard: 1_000 }, 61_001).kind, "disconnected");
});

test("a board that is known to be wrong is not called live for longer than a second", () => {
  assert.equal(overdue(live, { heard: 100_000, wrongSince: 100_000 }, 101_000), null);
  assert.deepEqual(overdue(live, { heard: 100_000, wrongSince: 100_000 }, 101_001), { kind: "stale", at: 100_000 });
});

test("a clock that was set back does not hide a silence", () => {
  const trying = nextStatus(live, { kind: "reconnecting" }, 4_000_000);
  assert.deepEqual(overdue(trying, { heard: 0 }, 400_000), { kind: "disconnected" });
});
