/* What a stateful client does after a Close of the server: `node closed.mjs URL (again|never)`. */
import { HttpTransportType, HubConnectionBuilder, LogLevel } from "@microsoft/signalr";

const [url, may] = process.argv.slice(2);
const TOO_LARGE = "x".repeat(40_000);
const PATIENCE = 15_000; // milliseconds

const connection = new HubConnectionBuilder()
  .withUrl(url, { transport: HttpTransportType.WebSockets })
  .withStatefulReconnect()
  .withAutomaticReconnect([0, 100, 500, 1000])
  .configureLogging(LogLevel.None)
  .build();
const closed = new Promise((resolve) => connection.onclose(() => resolve(null)));
const reconnected = new Promise((resolve) => connection.onreconnected(resolve));
setTimeout(() => process.exit(1), PATIENCE);

await connection.start();
const before = connection.connectionId;
const call = may === "again" ? connection.invoke("Echo", TOO_LARGE) : connection.invoke("Abort");
const error = await call.then(() => null, (reason) => reason.message);
const after = await Promise.race([closed, reconnected]);
const echo = after === null ? null : await connection.invoke("Echo", "again");
console.log(JSON.stringify({ error, echo, came: after !== null, sameId: before === after }));
process.exit(0);
