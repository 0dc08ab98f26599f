/* What an official client sees of EchoHub, one JSON line at the end: `node story.mjs CLIENT URL TRANSPORT PROTOCOL TOKEN`. */
import { once } from "node:events";
import { createInterface } from "node:readline";

const [client, url, transport, protocol, token] = process.argv.slice(2);
const isOld = client === "aspnet";
const signalR = await import(isOld ? "@aspnet/signalr" : "@microsoft/signalr");
const { HubConnectionBuilder, HttpTransportType, LogLevel } = signalR.default ?? signalR;
const PATIENCE = 15_000; // milliseconds
const input = createInterface({ input: process.stdin });

/* What is wished for, and what the server's list of transports makes of it. */
const WISHES = {
  websockets: { transport: HttpTransportType.WebSockets },
  events: { transport: HttpTransportType.ServerSentEvents },
  polling: { transport: HttpTransportType.LongPolling },
  "without negotiation": { transport: HttpTransportType.WebSockets, skipNegotiation: true },
  stateful: { transport: HttpTransportType.WebSockets },
  fallback: { WebSocket: class { constructor() { throw new Error("WebSockets are off"); } } },
};

async function built() {
  const builder = new HubConnectionBuilder()
    .withUrl(url, { ...WISHES[transport], accessTokenFactory: () => token })
    .configureLogging(LogLevel.None ?? LogLevel.Critical);
  if (!isOld) builder.withAutomaticReconnect([0, 50, 100, 200, 500, 1000, 2000]);
  if (transport === "stateful") builder.withStatefulReconnect();
  if (protocol === "messagepack") {
    const { MessagePackHubProtocol } = await import("@microsoft/signalr-protocol-msgpack");
    builder.withHubProtocol(new MessagePackHubProtocol());
  }
  return builder.build();
}

const called = (connection, name) => new Promise((resolve) => connection.on(name, resolve));
const failed = (promise) => promise.then(() => "no error", (error) => error.message);

function items(stream) {
  const seen = [];
  return new Promise((resolve, reject) =>
    stream.subscribe({ next: (item) => seen.push(item), complete: () => resolve(seen), error: reject }),
  );
}

function cancelled(connection) {
  const told = called(connection, "StreamCanceled");
  const subscription = connection.stream("Endless").subscribe({
    next: () => subscription.dispose(),
    complete: () => {},
    error: () => {},
  });
  return told.then(() => true);
}

function upload(numbers) {
  const subject = new signalR.Subject();
  setImmediate(() => {
    numbers.forEach((number) => subject.next(number));
    subject.complete();
  });
  return subject;
}

async function uploads(connection) {
  const sum = connection.invoke("Sum", upload([1, 2, 3]));
  const doubled = items(connection.stream("Doubled", upload([4, 5])));
  return { sum: await sum, doubled: await doubled };
}

async function reconnected(connection) {
  const idBefore = await connection.invoke("Id");
  const back = isOld
    ? new Promise((resolve) => connection.onclose(() => resolve(connection.start())))
    : new Promise((resolve) => connection.onreconnected(resolve));
  console.log("cut");
  if (transport === "stateful") await once(input, "line");
  else await back;
  const idAfter = await connection.invoke("Id");
  return { sameId: idBefore === idAfter, again: await connection.invoke("Echo", "again") };
}

async function story(connection, see) {
  const message = called(connection, "Message");
  if (!isOld) connection.on("Answer", async (question) => `${question} 42`);
  await connection.start();
  see({ transport: await connection.invoke("Transport") });
  see({ member: await connection.invoke("Members") });
  see({ echo: await connection.invoke("Echo", "Grüße, 世界 😀") });
  see({ nothing: (await connection.invoke("Void")) ?? null });
  see({ error: await failed(connection.invoke("ThrowHub", "no such bed")) });
  see({ hidden: await failed(connection.invoke("Throw", "secret")) });
  see({ counted: await items(connection.stream("Count", 3)) });
  see({ cancelled: await cancelled(connection) });
  await connection.send("SendToSelf", "pushed");
  see({ pushed: await message });
  if (!isOld) {
    see({ answer: await connection.invoke("AskCaller", "what?") });
    see(await uploads(connection));
  }
  see(await reconnected(connection));
  await connection.stop();
}

const seen = {};
const see = (something) => Object.assign(seen, something);
setTimeout(() => {
  console.error("too late, after", seen);
  process.exit(1);
}, PATIENCE);
await story(await built(), see);
console.log(JSON.stringify(seen));
process.exit(0);
