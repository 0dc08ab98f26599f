// Socket.IO on Node with its Redis adapter: `PORT` serves, `publish` publishes what it is told by its input.

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const PING_INTERVAL = 3_600_000; // milliseconds: the clients of a crowd know nothing of its pings

async function server() {
  const publishing = createClient({ url: process.env.REDIS_URL });
  const subscribed = publishing.duplicate();
  await Promise.all([publishing.connect(), subscribed.connect()]);
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(publishing, subscribed), pingInterval: PING_INTERVAL });
  io.on("connection", (socket) => socket.join(socket.handshake.query.group));
  return { io, http };
}

async function publish() {
  const { io } = await server();
  console.log("ready");
  for await (const line of createInterface({ input: process.stdin })) {
    const { count, groups, payload, event } = JSON.parse(line);
    for (let number = 1; number <= count; number++) {
      for (const group of groups) io.to(group).emit(event, { ...payload, number });
    }
  }
}

async function serve(port) {
  const { http } = await server();
  http.listen(port, "127.0.0.1");
}

await (process.argv[2] === "publish" ? publish() : serve(Number(process.argv[2])));
