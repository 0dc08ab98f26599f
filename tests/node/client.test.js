// The unmodified @microsoft/signalr client against the recorded hubs of the server at HUBS_ADDRESS.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import {
  HttpTransportType, HubConnectionBuilder, HubConnectionState, LogLevel, Subject,
} from "@microsoft/signalr";

import { Network } from "./network.js";
import { token } from "./tokens.js";

const ADDRESS = process.env.HUBS_ADDRESS;
const started = [];

after(() => Promise.all(started.map((connection) => connection.stop())));

function builder(hub, { address = ADDRESS, ...options } = {}) {
  return new HubConnectionBuilder().withUrl(`${address}/hubs/${hub}`, options).configureLogging(LogLevel.None);
}

async function start(connection) {
  started.push(connection);
  await connection.start();
  return connection;
}

// A promise of the next call of whatever `register` registers.
const next = (register) => new Promise((resolve) => register((...values) => resolve(values)));

const collected = (stream, look = () => {}) => new Promise((resolve, reject) => {
  const items = [];
  const next = (item) => {
    items.push(item);
    look(item);
  };
  stream.subscribe({ next, complete: () => resolve(items), error: reject });
});

// What happens to the connection, in its order; the client swallows what its callbacks throw.
function history(connection) {
  const events = [];
  connection.onreconnecting(() => events.push("reconnecting"));
  connection.onreconnected(() => events.push("reconnected"));
  connection.onclose(() => events.push("closed"));
  return events;
}

for (const [name, transport] of [
  ["WebSockets", HttpTransportType.WebSockets],
  ["ServerSentEvents", HttpTransportType.ServerSentEvents],
  ["LongPolling", HttpTransportType.LongPolling],
]) {
  describe(`over ${name}`, () => {
    const open = (options) => start(builder("echo", { transport, ...options }).build());

    test("a call is answered", async () => {
      const connection = await open();
      assert.equal(await connection.invoke("Echo", "good morning"), "good morning");
      assert.equal(await connection.invoke("Transport"), name);
      assert.equal(await connection.invoke("Id"), connection.connectionId);
    });

    test("the token makes the caller its user", async () => {
      const connection = await open({ accessTokenFactory: () => token({ sub: "ada" }) });
      assert.equal(await connection.invoke("UserId"), "ada");
    });

    test("a stream is read to its end", async () => {
      const connection = await open();
      assert.deepEqual(await collected(connection.stream("Count", 3)), [0, 1, 2]);
    });

    test("an upload is read to its end", async () => {
      const connection = await open();
      const numbers = new Subject();
      const sum = connection.invoke("Sum", numbers);
      for (const number of [1, 2, 39]) {
        numbers.next(number);
      }
      numbers.complete();
      assert.equal(await sum, 42);
    });

    test("the server asks and gets its answer", async () => {
      const connection = await open();
      connection.on("Answer", (question) => `${question} Fine.`);
      assert.equal(await connection.invoke("AskCaller", "How are you?"), "How are you? Fine.");
    });

    test("the others of a group hear of it", async () => {
      const [one, other] = await Promise.all([open(), open()]);
      const group = one.connectionId;
      await Promise.all([one.invoke("Join", group), other.invoke("Join", group)]);
      const heard = next((handler) => other.on("Message", handler));
      await one.invoke("ToOthersInGroup", group, "hello");
      assert.deepEqual(await heard, ["hello"]);
    });

    test("a stop by the client is a goodbye without an error", async () => {
      const connection = await open();
      const closed = next((handler) => connection.onclose(handler));
      await connection.stop();
      assert.deepEqual(await closed, [undefined]);
    });

    test("a close without allowReconnect is final", async () => {
      const connection = builder("echo", { transport }).withAutomaticReconnect([0, 0]).build();
      const events = history(connection);
      const closed = next((handler) => connection.onclose(handler));
      await start(connection);
      connection.invoke("Abort").catch(() => {}); // the close may overtake its answer
      await closed;
      assert.deepEqual(events, ["closed"]);
      assert.equal(connection.state, HubConnectionState.Disconnected);
    });
  });
}

describe("errors", () => {
  for (const [what, method, values, text] of [
    ["an exception's text stays on the server", "Throw", ["secret"],
      "An unexpected error occurred invoking 'Throw' on the server."],
    ["the text of a HubError is shown", "ThrowHub", ["no bed free"],
      "An unexpected error occurred invoking 'ThrowHub' on the server. HubException: no bed free"],
    ["an unknown method is named", "NoSuchMethod", [],
      "Failed to invoke 'NoSuchMethod' due to an error on the server. HubException: Method does not exist."],
    ["arguments of another number are refused", "Add", [1],
      "Failed to invoke 'Add' due to an error on the server."],
    ["arguments of another type are refused", "Add", [1, "two"],
      "Failed to invoke 'Add' due to an error on the server."],
    ["a forbidden method is refused", "Members", [],
      "Failed to invoke 'Members' because user is unauthorized"],
    ["a stream cannot be called", "Count", [1],
      "The client attempted to invoke the streaming 'Count' method with a non-streaming invocation."],
  ]) {
    test(what, async () => {
      const connection = await start(builder("echo").build());
      await assert.rejects(connection.invoke(method, ...values), { message: text });
      assert.equal(await connection.invoke("Echo", "still here"), "still here");
    });
  }

  test("a stream fails behind its items", async () => {
    const connection = await start(builder("echo").build());
    await assert.rejects(collected(connection.stream("CountThenThrow", 2)), {
      message: "An error occurred on the server while streaming results. HubException: stream broke",
    });
  });

  for (const [what, options, text] of [
    ["no token", {}, "Unauthorized: Status code '401'"],
    ["an ended token", { accessTokenFactory: () => token({ seconds: -60 }) }, "Unauthorized: Status code '401'"],
    ["a role outside the policy", { accessTokenFactory: () => token({ role: "Porter" }) },
      "Forbidden: Status code '403'"],
  ]) {
    test(`a start with ${what} is refused`, async () => {
      await assert.rejects(builder("clinical", options).build().start(), {
        message: `Failed to complete negotiation with the server: Error: ${text}`,
      });
    });
  }
});

describe("a lost socket", () => {
  test("is replaced by a new connection", async (t) => {
    const network = await Network.to(ADDRESS);
    t.after(() => network.close());
    const connection = builder("echo", { address: network.address }).withAutomaticReconnect([0, 100, 1000]).build();
    await start(connection);
    const before = connection.connectionId;
    const reconnecting = next((handler) => connection.onreconnecting(handler));
    const reconnected = next((handler) => connection.onreconnected(handler));
    network.cut();
    await reconnecting;
    const [now] = await reconnected;
    assert.notEqual(now, before);
    assert.equal(await connection.invoke("Id"), now);
  });

  test("closes the connection of a client that does not reconnect", async (t) => {
    const network = await Network.to(ADDRESS);
    t.after(() => network.close());
    const connection = await start(builder("echo", { address: network.address }).build());
    const closed = next((handler) => connection.onclose(handler));
    network.cut();
    await closed;
    assert.equal(connection.state, HubConnectionState.Disconnected);
  });

  test("loses nothing with stateful reconnect", async (t) => {
    const network = await Network.to(ADDRESS);
    t.after(() => network.close());
    const connection = builder("echo", { address: network.address }).withStatefulReconnect().build();
    const events = history(connection);
    await start(connection);
    const before = connection.connectionId;
    const cutAt = (item) => item === 10 && network.cut();
    assert.deepEqual(await collected(connection.stream("Count", 30), cutAt), [...Array(30).keys()]);
    assert.equal(await connection.invoke("Id"), before);
    assert.deepEqual(events, []);
  });
});

test("a close with allowReconnect, such as at the token's end, leads to a new connection", async () => {
  let seconds = 3;
  const connection = builder("clinical", { accessTokenFactory: () => token({ seconds }) })
    .withAutomaticReconnect([0]).build();
  const reconnecting = next((handler) => connection.onreconnecting(handler));
  const reconnected = next((handler) => connection.onreconnected(handler));
  await start(connection);
  seconds = 600;
  assert.deepEqual(await reconnecting, [undefined]);
  await reconnected;
  assert.equal(await connection.invoke("OrderMedication", crypto.randomUUID(), "Paracetamol"), "ordered Paracetamol");
});
