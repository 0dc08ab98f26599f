// The unmodified client where transports fail one after the other, with tickets in place of its token.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import WebSocket from "ws";

import { token } from "./tokens.js";

const HUB = `${process.env.HUBS_ADDRESS}/hubs/echo`;

// What the client has asked for when it opened its first socket.
let first = null;

class SeenSocket extends WebSocket {
  constructor(url, protocols, options) {
    super(url, protocols, options);
    first ??= { url, ticket: options.headers.Authorization.replace("Bearer ", "") };
  }
}

// Arrives at the server and is lost on the way back, as behind a proxy that does not know the upgrade.
class LostSocket {
  constructor(...given) {
    const socket = new SeenSocket(...given);
    socket.on("error", () => {});
    socket.on("open", () => {
      socket.terminate();
      this.onclose?.({ code: 1006, reason: "" });
    });
  }

  close() {}
}

class LostEvents {
  constructor() {
    setTimeout(() => this.onerror?.({}), 0);
  }

  close() {}
}

const asks = (ticket) => fetch(`${HUB}/negotiate?negotiateVersion=1`, {
  method: "POST", headers: { Authorization: `Bearer ${ticket}` },
});

const opens = (url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.on("open", () => {
    socket.terminate();
    resolve(true);
  });
  socket.on("error", () => resolve(false));
});

for (const [transport, options] of [
  ["WebSocketTransport", { WebSocket: SeenSocket }],
  ["ServerSentEventsTransport", { WebSocket: LostSocket }],
  ["LongPollingTransport", { WebSocket: LostSocket, EventSource: LostEvents }],
]) {
  test(`falls back to ${transport}, and then its ticket opens nothing any more`, async (t) => {
    first = null;
    const connection = new HubConnectionBuilder()
      .withUrl(HUB, { accessTokenFactory: () => token({ sub: "7" }), ...options })
      .configureLogging(LogLevel.None)
      .build();
    t.after(() => connection.stop());
    await connection.start();
    assert.equal(connection.connection.transport.constructor.name, transport);
    assert.equal(await connection.invoke("Echo", "hello"), "hello");
    const { url, ticket } = first;
    assert.match(ticket, /^ticket\./);
    assert.equal((await asks(ticket)).status, 401);
    for (const stolen of [`${url}&access_token=${ticket}`, `${url.split("?")[0]}?access_token=${ticket}`]) {
      assert.equal(await opens(stolen), false);
    }
  });
}
