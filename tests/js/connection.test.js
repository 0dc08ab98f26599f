/* The client itself is real in tests/browser; here a scripted one brings the faults that take minutes there. */
import assert from "node:assert/strict";
import test from "node:test";

import { Connection } from "../../clinical/static/clinical/js/connection.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

class ScriptedHub {
  starts = 0;
  stops = 0;
  failStarts = 0;
  handlers = {};

  async start() {
    this.starts += 1;
    if (this.starts <= this.failStarts) throw new Error("Failed to fetch");
  }

  async stop() {
    this.stops += 1;
    this.closed?.();
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
}

function connect(t, { hub = new ScriptedHub(), synchronise = async () => {} } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const built = {};
  class HubConnectionBuilder {
    withUrl = (url, options) => Object.assign(built, { url, ...options }) && this;
    withAutomaticReconnect = (delays) => Object.assign(built, { delays }) && this;
    configureLogging = (level) => Object.assign(built, { level }) && this;
    build = () => hub;
  }
  globalThis.signalR = { HubConnectionBuilder, LogLevel: { Warning: 3 } };
  const statuses = [];
  const accessToken = async () => "token";
  const connection = new Connection({
    url: "/hubs/clinical",
    accessToken,
    handlers: { Moved: () => {} },
    synchronise,
    onStatus: ({ kind }) => statuses.push(kind),
  });
  return { connection, hub, built, statuses, accessToken };
}

test("the client gets the token from a function, the agreed delays, and logs no URL", (t) => {
  const { built, hub, accessToken } = connect(t);
  assert.deepEqual(built, { url: "/hubs/clinical", accessTokenFactory: accessToken, delays: [0, 2_000, 10_000, 30_000], level: 3 });
  assert.deepEqual(Object.keys(hub.handlers), ["Moved"]);
});

test("it is live only when the board is right", async (t) => {
  let arrived;
  const { connection, statuses } = connect(t, { synchronise: () => new Promise((resolve) => (arrived = resolve)) });
  const started = connection.start();
  await settled();
  assert.deepEqual(statuses, []);
  arrived();
  await started;
  assert.deepEqual(statuses, ["live"]);
});

test("a first start that fails is tried again for ever", async (t) => {
  const hub = new ScriptedHub();
  hub.failStarts = 5;
  const { connection, statuses } = connect(t, { hub });
  await connection.start();
  for (let tries = 0; tries < 5; tries += 1) {
    t.mock.timers.tick(38_000);
    await settled();
  }
  assert.equal(hub.starts, 6);
  assert.deepEqual(statuses, [...Array(5).fill("disconnected"), "live"]);
});

test("after the client's last retry a new start comes, and not at once", async (t) => {
  const { connection, hub, statuses } = connect(t);
  await connection.start();
  hub.reconnecting(new Error("gone"));
  hub.closed();
  t.mock.timers.tick(11_000);
  await settled();
  assert.equal(hub.starts, 1);
  t.mock.timers.tick(8_000);
  await settled();
  assert.equal(hub.starts, 2);
  assert.deepEqual(statuses, ["live", "reconnecting", "disconnected", "live"]);
});

test("after a reconnect the board is asked for again", async (t) => {
  let asked = 0;
  const { connection, hub, statuses } = connect(t, { synchronise: async () => (asked += 1) });
  await connection.start();
  hub.reconnecting();
  hub.reconnected();
  await settled();
  assert.equal(asked, 2);
  assert.deepEqual(statuses, ["live", "reconnecting", "live"]);
});

test("a board that does not come ends the connection, and a new one is started", async (t) => {
  const { connection, hub, statuses } = connect(t, { synchronise: () => new Promise(() => {}) });
  connection.start();
  await settled();
  t.mock.timers.tick(15_000);
  await settled();
  assert.equal(hub.stops, 1);
  assert.ok(!statuses.includes("live"));
  t.mock.timers.tick(38_000);
  await settled();
  assert.equal(hub.starts, 2);
});

test("an old connection's answer does not speak for the new one", async (t) => {
  const answers = [];
  const { connection, hub, statuses } = connect(t, {
    synchronise: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
  });
  connection.start();
  await settled();
  hub.reconnecting();
  hub.reconnected();
  answers[0].reject(new Error("Invocation canceled due to the underlying connection being closed."));
  await settled();
  assert.equal(hub.stops, 0);
  answers[1].resolve();
  await settled();
  assert.deepEqual(statuses, ["reconnecting", "live"]);
});

test("the board is not asked for twice at the same time", async (t) => {
  let asked = 0;
  const { connection } = connect(t, { synchronise: () => new Promise(() => (asked += 1)) });
  connection.start();
  await settled();
  connection.synchronise();
  connection.synchronise();
  assert.equal(asked, 1);
});

test("what has ended is not started again", async (t) => {
  const { connection, hub } = connect(t);
  await connection.start();
  await connection.end();
  t.mock.timers.tick(60_000);
  await settled();
  await connection.start();
  assert.equal(hub.starts, 1);
});

test("what is waited for can be hurried, and what is not waited for cannot", async (t) => {
  const { connection, hub, statuses } = connect(t);
  await connection.start();
  connection.hurry();
  hub.closed();
  connection.hurry();
  await settled();
  t.mock.timers.tick(38_000);
  await settled();
  assert.equal(hub.starts, 2);
  assert.deepEqual(statuses, ["live", "disconnected", "live"]);
});
