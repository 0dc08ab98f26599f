/* Counters both ways over a stateful connection, until told "enough": `node counters.mjs URL PROTOCOL`. */
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

import { HttpTransportType, HubConnectionBuilder, LogLevel, Subject } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

const [url, protocol, patience] = process.argv.slice(2);
const IN_FLIGHT = 4;
const STREAM_LENGTH = 50;
let enough = false;

/* One thing that must come in order, complete and once. */
class Track {
  constructor(prefix) {
    this.prefix = prefix;
    this.seen = 0;
    this.wrong = [];
  }

  note(value) {
    const expected = `${this.prefix}${this.seen}`;
    if (String(value) !== expected) this.wrong.push(`${value} instead of ${expected}`);
    this.seen += 1;
  }
}

const tracks = {
  calls: new Track("call "),
  pushes: new Track("push "),
  answers: new Track("answer "),
  streamed: new Track(""),
  doubled: new Track(""),
};
const events = { reconnecting: 0, closed: 0, failures: [] };

function built() {
  const builder = new HubConnectionBuilder()
    .withUrl(url, { transport: HttpTransportType.WebSockets })
    .withStatefulReconnect()
    .withAutomaticReconnect([0, 100, 500, 1000])
    .configureLogging(LogLevel.None);
  return (protocol === "messagepack" ? builder.withHubProtocol(new MessagePackHubProtocol()) : builder).build();
}

async function call(connection) {
  const pending = [];
  for (let number = 0; !enough; number += 1) {
    pending.push(connection.invoke("Echo", `call ${number}`).then((answer) => tracks.calls.note(answer)));
    if (pending.length >= IN_FLIGHT) await pending.shift();
  }
  await Promise.all(pending);
}

async function push(connection) {
  let sent = 0;
  for (; !enough; sent += 1) {
    await connection.send("SendToSelf", `push ${sent}`);
    while (sent - tracks.pushes.seen > IN_FLIGHT) await wait(1);
  }
  while (tracks.pushes.seen < sent) await wait(1);
}

async function ask(connection) {
  while (!enough) tracks.answers.note(await connection.invoke("AskCaller", `answer ${tracks.answers.seen}`));
}

function drained(stream, note) {
  return new Promise((resolve, reject) => stream.subscribe({ next: note, complete: resolve, error: reject }));
}

async function stream(connection) {
  while (!enough) {
    let first = tracks.streamed.seen;
    await drained(connection.stream("Count", STREAM_LENGTH), (item) => tracks.streamed.note(first + item));
    if (tracks.streamed.seen !== first + STREAM_LENGTH) tracks.streamed.wrong.push("an end too early");
  }
}

async function double(connection) {
  const subject = new Subject();
  const ended = drained(connection.stream("Doubled", subject), (item) => tracks.doubled.note(item / 2));
  let sent = 0;
  for (; !enough; sent += 1) {
    subject.next(sent);
    while (sent - tracks.doubled.seen > IN_FLIGHT) await wait(1);
  }
  subject.complete();
  await ended;
  if (tracks.doubled.seen !== sent) tracks.doubled.wrong.push("an end too early");
}

function report() {
  return JSON.stringify({ ...events, tracks });
}

createInterface({ input: process.stdin }).on("line", () => (enough = true));
setTimeout(() => {
  console.error("too late, after", report());
  process.exit(1);
}, Number(patience) * 1000);

const connection = built();
connection.onreconnecting(() => (events.reconnecting += 1));
connection.onclose(() => (events.closed += 1));
connection.on("Message", (text) => tracks.pushes.note(text));
connection.on("Answer", (question) => question);
await connection.start();
const id = connection.connectionId;
try {
  await Promise.all([call, push, ask, stream, double].map((work) => work(connection)));
  events.keptId = (await connection.invoke("Id")) === id;
} catch (error) {
  events.failures.push(error.message);
}
console.log(report());
process.exit(0);
