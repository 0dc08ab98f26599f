// The unmodified @microsoft/signalr client against the contract's hubs of the server at HUBS_ADDRESS.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { HttpTransportType, HubConnectionBuilder, JsonHubProtocol, LogLevel, Subject } from "@microsoft/signalr";
import { HttpConnection } from "@microsoft/signalr/dist/cjs/HttpConnection.js";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { Network } from "./network.js";

const ADDRESS = process.env.HUBS_ADDRESS;
const started = [];

after(() => Promise.all(started.map((connection) => connection.stop())));

function builder(hub, { address = ADDRESS, protocol = new JsonHubProtocol(), ...options } = {}) {
  return new HubConnectionBuilder().withUrl(`${address}${hub}`, options).withHubProtocol(protocol)
    .configureLogging(LogLevel.None);
}

async function start(connection) {
  started.push(connection);
  await connection.start();
  return connection;
}

const text = async (path, options) => (await fetch(`${ADDRESS}${path}`, options)).text();
const token = (query) => text(`/token?${new URLSearchParams(query)}`);

// A promise of the next call of whatever `register` registers.
const next = (register) => new Promise((resolve) => register((...values) => resolve(values)));

const collected = (stream, look = () => {}) => new Promise((resolve, reject) => {
  const items = [];
  stream.subscribe({
    next: (item) => {
      items.push(item);
      look(item);
    },
    complete: () => resolve(items),
    error: reject,
  });
});

const WAYS = [
  ["WebSockets", HttpTransportType.WebSockets, JsonHubProtocol],
  ["WebSockets", HttpTransportType.WebSockets, MessagePackHubProtocol],
  ["ServerSentEvents", HttpTransportType.ServerSentEvents, JsonHubProtocol],
  ["LongPolling", HttpTransportType.LongPolling, JsonHubProtocol],
  ["LongPolling", HttpTransportType.LongPolling, MessagePackHubProtocol],
];

for (const [name, transport, Protocol] of WAYS) {
  describe(`over ${name} with ${Protocol.name}`, () => {
    const isBinary = Protocol === MessagePackHubProtocol;
    const open = (hub, options) => start(builder(hub, { transport, protocol: new Protocol(), ...options }).build());

    test("the test hub is called, calls back and streams", async () => {
      const connection = await open("/testhub");
      assert.equal(await connection.invoke("GetActiveTransportName"), name);
      const heard = next((handler) => connection.on("CustomObject", handler));
      await connection.invoke("SendCustomObject", { Name: "Ada", Value: 7 });
      assert.deepEqual(await heard, [{ Name: "Ada", Value: 7 }]);
      assert.deepEqual(await collected(connection.stream("Stream")), ["a", "b", "c"]);
      const words = new Subject();
      const joined = connection.invoke("StreamingConcat", words);
      ["one ", "two"].forEach((word) => words.next(word));
      words.complete();
      assert.equal(await joined, "one two");
    });

    test("a cancelled stream is told to the hub", async () => {
      const connection = await open("/testhub");
      const heard = next((handler) => connection.on("StreamCanceled", handler));
      const subscription = connection.stream("InfiniteStream").subscribe({ next() {}, complete() {}, error() {} });
      await connection.invoke("Echo", "it has begun");
      subscription.dispose();
      assert.deepEqual(await heard, []);
    });

    test("a complex object comes back", async () => {
      const connection = await open("/testhub");
      const sent = {
        String: "hello",
        IntArray: [1, 2],
        ByteArray: isBinary ? new Uint8Array([1, 2, 3]) : "AQID",
        Guid: "00010203-0405-0607-0706-050403020100",
        DateTime: isBinary ? new Date(Date.UTC(2002, 3, 1, 10, 20, 15)) : "2002-04-01T10:20:15Z",
      };
      const back = await connection.invoke("EchoComplexObject", sent);
      assert.deepEqual({ ...back, ByteArray: isBinary ? new Uint8Array(back.ByteArray) : back.ByteArray }, sent);
    });

    test("cookies of the negotiation come along, the expired one does not", async () => {
      const connection = await open("/testhub");
      assert.equal(await connection.invoke("GetCookie", "testCookie"), "testValue");
      assert.equal(await connection.invoke("GetCookie", "testCookie2"), "testValue2");
      assert.equal(await connection.invoke("GetCookie", "expiredCookie"), null);
    });

    test("headers of the application come along", async () => {
      const connection = await open("/testhub", { headers: { "X-Mine": "7", "User-Agent": "mine" } });
      assert.equal(await connection.invoke("GetHeader", "X-Mine"), "7");
      assert.equal(await connection.invoke("GetHeader", "User-Agent"), "mine");
    });

    test("redirects are followed, and counted", async () => {
      const connection = await open(`/redirect?baseUrl=${ADDRESS}`);
      const before = await connection.invoke("GetNumRedirects");
      await connection.stop();
      await connection.start();
      assert.equal(await connection.invoke("GetNumRedirects"), before + 1);
    });

    test("the token of a redirect is used", async () => {
      const connection = await open(`/redirect-token?baseUrl=${ADDRESS}`);
      assert.equal(await connection.invoke("WhoAmI"), "redirected");
    });

    test("a page asks the client", async () => {
      const connection = await open("/testhub");
      connection.on("Result", () => 42);
      assert.equal(await text(`/clientresult/${connection.connectionId}`), "42");
    });

    test("a hub that cannot be made closes with its error", async () => {
      const connection = builder("/uncreatable", { transport, protocol: new Protocol() }).build();
      const closed = next((handler) => connection.onclose(handler));
      await start(connection);
      assert.match((await closed)[0].message, /InvalidOperationException: Unable to resolve service/);
    });

    test("the end of the token leads to a new connection with a new token", async () => {
      let seconds = 2;
      const connection = builder("/securehub", {
        transport, protocol: new Protocol(), accessTokenFactory: () => token({ seconds }),
      }).withAutomaticReconnect([0]).build();
      const reconnecting = next((handler) => connection.onreconnecting(handler));
      const reconnected = next((handler) => connection.onreconnected(handler));
      await start(connection);
      const before = await connection.invoke("TokenId");
      seconds = 60;
      assert.deepEqual(await reconnecting, [undefined]);
      await reconnected;
      assert.notEqual(await connection.invoke("TokenId"), before);
    });

    test("an impatient hub keeps who pings", async () => {
      const connection = await open("/impatienthub");
      connection.keepAliveIntervalInMilliseconds = 300;
      const closed = next((handler) => connection.onclose(handler));
      await connection.invoke("Echo", "x");
      assert.equal(await Promise.race([closed, connection.invoke("Echo", "y")]), "y");
    });

    test("large and timed answers arrive", async () => {
      const connection = await open("/hub");
      assert.equal((await connection.invoke("LargeCompressableContent")).length, 50_000);
      assert.equal(new Set(await collected(connection.stream("FiveDates"))).size, 5);
      assert.equal((await connection.invoke("AlcoholicContentMap")).Beer, 4.9);
    });
  });
}

test("a hub without WebSockets is reached by other means", async () => {
  const connection = await start(builder("/testhub-nowebsockets").build());
  assert.equal(await connection.invoke("GetActiveTransportName"), "ServerSentEvents");
  const binary = builder("/testhub-nowebsockets", { protocol: new MessagePackHubProtocol() }).build();
  assert.equal(await (await start(binary)).invoke("GetActiveTransportName"), "LongPolling");
});

for (const [what, hub, options, expected] of [
  ["an unknown path", "/nowhere", {}, "Not Found"],
  ["a bad negotiation", "/bad-negotiate", {}, "Some response from server"],
  ["no token", "/authorizedhub", {}, "Error: Unauthorized: Status code '401'"],
  ["no role", "/adminhub", { accessTokenFactory: () => token({}) }, "Error: Forbidden: Status code '403'"],
]) {
  test(`a start with ${what} fails with a reason`, async () => {
    await assert.rejects(builder(hub, options).build().start(), (error) => error.message.includes(expected));
  });
}

test("a refused connection hears why", async () => {
  const connection = builder("/extrahub?refuse=1").build();
  const closed = next((handler) => connection.onclose(handler));
  await start(connection);
  assert.match((await closed)[0].message, /HubException: refused/);
});

test("nothing is lost or doubled when a stateful socket is cut", async (t) => {
  const network = await Network.to(ADDRESS);
  t.after(() => network.close());
  const connection = builder(`/extrahub?key=${crypto.randomUUID()}`, { address: network.address })
    .withStatefulReconnect().build();
  const ticks = [];
  const all = new Promise((resolve) => connection.on("Tick", (number) => {
    ticks.push(number);
    if (number === 10 || number === 30) {
      network.cut();
    }
    if (number === 59) {
      resolve();
    }
  }));
  await start(connection);
  const before = connection.connectionId;
  await connection.invoke("StartTicker", 60, 20);
  await all;
  assert.deepEqual(ticks, [...Array(60).keys()]);
  assert.equal(await connection.invoke("ConnectionId"), before);
});

for (const [name, transport] of [
  ["WebSockets", HttpTransportType.WebSockets],
  ["ServerSentEvents", HttpTransportType.ServerSentEvents],
  ["LongPolling", HttpTransportType.LongPolling],
]) {
  test(`the raw endpoint echoes over ${name}`, async () => {
    const connection = new HttpConnection(`${ADDRESS}/echo`, { transport, logger: { log() {} } });
    const received = next((handler) => { connection.onreceive = handler; });
    await connection.start(1);
    await connection.send("hello");
    assert.deepEqual(await received, ["hello"]);
    await connection.stop();
  });
}
