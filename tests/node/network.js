// The network between client and server: a TCP proxy whose connections can be cut without a goodbye.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Network {
  #server;
  #sockets = new Set();

  static async to(address) {
    const network = new Network();
    const { hostname, port } = new URL(address);
    network.#server = createServer((client) => network.#join(client, connect(port, hostname)));
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  get address() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  #join(client, server) {
    for (const [from, to] of [[client, server], [server, client]]) {
      this.#sockets.add(from);
      from.on("error", () => {}); // being cut is what they are here for
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }

  cut() {
    for (const socket of this.#sockets) {
      socket.resetAndDestroy();
    }
  }

  close() {
    this.cut();
    this.#server.close();
  }
}
