/* All modules below it are real; only the client, the token service and time are scripted, to bring what takes minutes or faults. */
import assert from "node:assert/strict";
import test from "node:test";

import { now } from "../../clinical/static/clinical/js/clock.js";
import { LiveWard } from "../../clinical/static/clinical/js/live_ward.js";

const START = Date.parse("2026-11-24T03:00:00Z");
const UNAUTHORIZED = "Failed to invoke 'SubscribeToWard' because user is unauthorized";
const settled = async () => {
  // Through the layers: token, start, synchronise, answer.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const row = (patientId, bed, setId = null) => ({
  patientId, bed, version: 1, name: patientId, observation: setId && { setId }, draftOrders: [],
});
const snapshot = (seq, beds = [row("a", "1")]) => ({ feed: "ward:icu", epoch: 1, seq, ward: { id: "icu" }, beds, alerts: [] });
const missed = (seq, ...events) => ({ resync: false, feed: "ward:icu", epoch: 1, seq, events });
const recorded = (version, setId) => ({ patientId: "a", version, observation: { setId, score: { band: "low" } } });
const place = (after, seq = after + 1) => ({ feed: "ward:icu", epoch: 1, after, seq });

/** What the page's script tag brings; asks for a token when it starts, as the client does. */
class ScriptedClient {
  handlers = {};
  calls = [];
  tokens = [];
  starts = 0;
  stops = 0;
  /** What the hub answers by action: a value, or a function that may throw. */
  answers = {};

  async start() {
    this.starts += 1;
    this.tokens.push(await this.accessTokenFactory());
  }

  async stop() {
    this.stops += 1;
    this.closed?.();
  }

  async invoke(action, ...args) {
    this.calls.push([action, ...args]);
    const answer = this.answers[action];
    return typeof answer === "function" ? answer() : answer;
  }

  on(name, handler) {
    this.handlers[name] = handler;
  }

  onreconnecting(callback) {
    this.reconnecting = callback;
  }

  onreconnected(callback) {
    this.reconnected = callback;
  }

  onclose(callback) {
    this.closed = callback;
  }

  heartbeat(seq, { secondsAgo = 0 } = {}) {
    this.handlers.Heartbeat({ serverTime: new Date(Date.now() - secondsAgo * 1000).toISOString(), feeds: { "ward:icu": seq } });
  }
}

function jwt(sub) {
  const iat = Math.floor(Date.now() / 1000);
  return `h.${Buffer.from(JSON.stringify({ sub, iat, exp: iat + 900 })).toString("base64url")}.s`;
}

function open(t, { owner = "7", status = 200 } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: START });
  const client = new ScriptedClient();
  client.answers = { SubscribeToWard: () => snapshot(10), ResumeWard: () => missed(10) };
  class HubConnectionBuilder {
    withUrl = (url, options) => Object.assign(client, { url, ...options }) && this;
    withAutomaticReconnect = () => this;
    configureLogging = () => this;
    build = () => client;
  }
  globalThis.signalR = { HubConnectionBuilder, LogLevel: { Warning: 3 } };
  const login = { owner, status };
  t.mock.method(globalThis, "fetch", async () => Response.json({ access: jwt(login.owner) }, { status: login.status }));
  const seen = { changes: [], kinds: [], doubts: 0, ends: 0 };
  const settings = { ward: "icu", hub: "/hubs/clinical", token: "/token/", user: "7", csrfToken: "csrf" };
  const ward = new LiveWard(settings, {
    onChange: (before, after) => seen.changes.push([before && before.seq, after.seq]),
    onStatus: ({ kind }) => seen.kinds.at(-1) === kind || seen.kinds.push(kind),
    onDoubt: () => (seen.doubts += 1),
    onEnd: () => (seen.ends += 1),
  });
  return { client, login, seen, ward };
}

async function follow(t, options) {
  const parts = open(t, options);
  parts.ward.start();
  await settled();
  return parts;
}

test("it connects with a token of the login, takes the board, and only then is live", async (t) => {
  const { client, seen, ward } = open(t);
  assert.equal(ward.status.kind, "connecting");
  ward.start();
  await settled();
  assert.deepEqual([client.url, client.starts, client.tokens.length], ["/hubs/clinical", 1, 1]);
  assert.deepEqual(client.calls, [["SubscribeToWard", "icu"]]);
  assert.deepEqual(seen, { changes: [[null, 10]], kinds: ["live"], doubts: 0, ends: 0 });
  assert.deepEqual([ward.isLive, ward.isOver, ward.rows.length, ward.alerts], [true, false, 1, []]);
});

test("an event changes the board at once, and a heartbeat says that nothing is missing", async (t) => {
  const { client, seen, ward } = await follow(t);
  client.handlers.ObservationRecorded(recorded(2, "s1"), place(10));
  client.heartbeat(11);
  await settled();
  assert.equal(ward.rows[0].observation.setId, "s1");
  assert.deepEqual([seen.changes.at(-1), client.calls.length, ward.status.kind], [[10, 11], 1, "live"]);
});

test("after a reconnect it asks for what it missed and not for the whole board", async (t) => {
  const { client, seen, ward } = await follow(t);
  client.answers.ResumeWard = () => missed(11, { target: "ObservationRecorded", arguments: [recorded(2, "s1"), place(10)] });
  client.reconnecting(new Error("gone"));
  assert.deepEqual([ward.isLive, ward.rows.length], [false, 1]);
  client.reconnected();
  await settled();
  assert.deepEqual(client.calls.slice(1), [["ResumeWard", "icu", 1, 10]]);
  assert.deepEqual([seen.kinds, ward.rows[0].observation.setId], [["live", "reconnecting", "live"], "s1"]);
});

test("a connection that is lost is started anew, with a new token, and the login is doubted", async (t) => {
  const { client, seen, ward } = await follow(t);
  client.closed(new Error("gone"));
  assert.deepEqual([ward.status.kind, seen.doubts], ["disconnected", 1]);
  t.mock.timers.tick(19_000);
  await settled();
  assert.deepEqual([client.starts, client.tokens.length, ward.status.kind], [2, 2, "live"]);
  assert.notEqual(client.tokens[0], client.tokens[1]);
  assert.deepEqual(client.calls.at(-1), ["ResumeWard", "icu", 1, 10]);
});

test("what would be tried later can be tried now", async (t) => {
  const { client, ward } = await follow(t);
  client.closed();
  ward.hurry();
  await settled();
  assert.deepEqual([client.starts, ward.isLive], [2, true]);
});

test("a feed that was ended for a resync is subscribed to again, and nothing leaves the screen meanwhile", async (t) => {
  const { client, seen, ward } = await follow(t);
  client.answers.SubscribeToWard = () => snapshot(20, [row("a", "1", "s9")]);
  client.handlers.FeedEnded({ feed: "ward:icu", reason: "resync" });
  assert.equal(ward.rows.length, 1);
  await settled();
  assert.deepEqual(client.calls.slice(1), [["SubscribeToWard", "icu"]]);
  assert.deepEqual([ward.rows[0].observation.setId, seen.kinds], ["s9", ["live"]]);
});

test("a heartbeat that names more than is held brings what is missing, and a lack that lasts is said", async (t) => {
  const { client, ward } = await follow(t);
  client.answers.ResumeWard = () => new Promise((resolve) => (client.resume = resolve));
  client.heartbeat(12);
  await settled();
  assert.deepEqual([client.calls.at(-1), ward.isLive], [["ResumeWard", "icu", 1, 10], true]);
  t.mock.timers.tick(1_500);
  ward.tick(true);
  assert.equal(ward.status.kind, "stale");
  client.resume(missed(12));
  await settled();
  assert.equal(ward.status.kind, "live");
});

test("access that has ended takes everything away and is final", async (t) => {
  const { client, seen, ward } = await follow(t);
  client.handlers.FeedEnded({ feed: "ward:icu", reason: "forbidden" });
  assert.deepEqual([ward.status.kind, ward.status.reason], ["refused", "Your access to this ward has ended."]);
  assert.deepEqual([ward.isOver, ward.rows, ward.alerts, seen.ends, client.stops], [true, [], [], 1, 1]);
  client.handlers.ObservationRecorded(recorded(2, "s1"), place(10));
  client.heartbeat(11);
  ward.hurry();
  t.mock.timers.tick(120_000);
  ward.tick(true);
  await settled();
  assert.deepEqual([client.starts, client.calls.length, ward.rows, ward.status.kind], [1, 1, [], "refused"]);
});

for (const [message, reason] of [
  [UNAUTHORIZED, "Your account does not open this ward."],
  ["An unexpected error occurred invoking 'SubscribeToWard' on the server. HubException: Not your ward.", "Not your ward."],
]) {
  test(`a ward that is refused is not asked for again: ${reason}`, async (t) => {
    const { client, seen, ward } = open(t);
    client.answers.SubscribeToWard = () => {
      throw new Error(message);
    };
    ward.start();
    await settled();
    t.mock.timers.tick(60_000);
    await settled();
    assert.deepEqual([ward.status.kind, ward.status.reason, seen.changes], ["refused", reason, []]);
    assert.deepEqual([client.starts, client.calls.length, seen.ends], [1, 1, 1]);
  });
}

test("a fault of the server refuses nobody: it is tried again", async (t) => {
  const { client, seen, ward } = open(t);
  client.answers.SubscribeToWard = () => {
    throw new Error("An unexpected error occurred invoking 'SubscribeToWard' on the server.");
  };
  ward.start();
  await settled();
  assert.deepEqual([ward.status.kind, seen.ends], ["disconnected", 0]);
  client.answers.SubscribeToWard = () => snapshot(10);
  t.mock.timers.tick(19_000);
  await settled();
  assert.equal(ward.status.kind, "live");
});

for (const [login, reason] of [[{ status: 401 }, "signed-out"], [{ owner: "8" }, "other-user"]]) {
  test(`a login that is ${reason} ends it and nothing is tried any more`, async (t) => {
    const { client, seen, ward } = await follow(t, login);
    t.mock.timers.tick(60_000);
    await settled();
    assert.deepEqual([ward.status.kind, ward.status.reason, seen.ends], ["signed-out", reason, 1]);
    assert.deepEqual([client.starts, client.calls], [1, []]);
  });
}

test("without a heartbeat it is delayed after 30 s and not live after 60 s, since the last one", async (t) => {
  const { client, seen, ward } = await follow(t);
  client.heartbeat(10);
  const heard = now();
  for (let second = 0; second < 61; second += 1) {
    t.mock.timers.tick(1_000);
    ward.tick(true);
  }
  assert.deepEqual([seen.kinds, ward.status.since], [["live", "stale", "disconnected"], heard]);
  client.heartbeat(10);
  await settled();
  assert.deepEqual([client.calls.at(-1), ward.status.kind], [["ResumeWard", "icu", 1, 10], "live"]);
});

test("a page that slept is not live before the server has answered, whatever lay in the buffers", async (t) => {
  const { client, ward } = await follow(t);
  client.heartbeat(10);
  client.answers.ResumeWard = () => new Promise((resolve) => (client.resume = resolve));
  t.mock.timers.tick(240_000);
  ward.tick(true);
  assert.deepEqual([ward.status.kind, ward.status.since], ["disconnected", START]);
  client.heartbeat(10, { secondsAgo: 230 });
  await settled();
  assert.equal(ward.isLive, false);
  client.resume(missed(10));
  await settled();
  assert.equal(ward.isLive, true);
});

test("a heartbeat that comes late proves nothing until the server has answered", async (t) => {
  const { client, ward } = await follow(t);
  client.heartbeat(10);
  client.answers.ResumeWard = () => new Promise((resolve) => (client.resume = resolve));
  client.heartbeat(10, { secondsAgo: 25 });
  await settled();
  assert.deepEqual([ward.status.kind, client.calls.at(-1)], ["stale", ["ResumeWard", "icu", 1, 10]]);
  client.resume(missed(10));
  await settled();
  // What comes next with that old time is this computer's clock, and no relic.
  client.heartbeat(10, { secondsAgo: 25 });
  await settled();
  assert.equal(ward.status.kind, "live");
});

test("a newer token is told to the hub while it is live", async (t) => {
  const { client } = await follow(t);
  t.mock.timers.tick(850_000);
  client.heartbeat(10);
  await settled();
  assert.equal(client.calls.at(-1)[0], "RefreshAuthentication");
});
