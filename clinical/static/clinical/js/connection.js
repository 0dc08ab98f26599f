/** The board's one connection to the hub; the only module that touches the SignalR client. */

import { restartDelay } from "./restart.js";

const RETRY_DELAYS = [0, 2_000, 10_000, 30_000];
const SNAPSHOT_TIMEOUT_MS = 15_000;

/**
 * Keeps a connection up for ever, once started.
 *
 * `handlers` has a function for each event of the hub. `synchronise` runs whenever the screen may have missed
 * something and makes it right; only then is the connection called live. `onStatus` hears {kind, error?}.
 */
export class Connection {
  #hub;
  #synchronise;
  #onStatus;
  #ended = false;
  // Counts the connections, so that what an old one still says is not taken for the new one's.
  #generation = 0;
  #synchronising = null;
  #waiting = null;

  constructor({ url, accessToken, handlers, synchronise, onStatus }) {
    const { HubConnectionBuilder, LogLevel } = globalThis.signalR;
    this.#synchronise = synchronise;
    this.#onStatus = onStatus;
    this.#hub = new HubConnectionBuilder()
      .withUrl(url, { accessTokenFactory: accessToken })
      .withAutomaticReconnect(RETRY_DELAYS)
      // Below Warning the client prints the socket's URL, which carries a token.
      .configureLogging(LogLevel.Warning)
      .build();
    for (const [name, handler] of Object.entries(handlers)) this.#hub.on(name, handler);
    this.#hub.onreconnecting((error) => this.#lost("reconnecting", error));
    this.#hub.onreconnected(() => this.synchronise());
    this.#hub.onclose((error) => {
      this.#lost("disconnected", error);
      this.#startLater();
    });
  }

  async start() {
    this.#waiting = null;
    if (this.#ended) return;
    try {
      await this.#hub.start();
    } catch (error) {
      this.#lost("disconnected", error);
      this.#startLater();
      return;
    }
    await this.synchronise();
  }

  invoke(action, ...args) {
    return this.#hub.invoke(action, ...args);
  }

  /** Tries now what would be tried later. */
  hurry() {
    if (this.#waiting === null) return;
    clearTimeout(this.#waiting);
    this.start();
  }

  /** Makes the screen right again; a connection that cannot do that in time is given up for a new one. */
  async synchronise() {
    if (this.#synchronising === this.#generation) return;
    const generation = (this.#synchronising = this.#generation);
    try {
      await inTime(this.#synchronise());
      if (generation === this.#generation) this.#onStatus({ kind: "live" });
    } catch (error) {
      if (generation === this.#generation) await this.#giveUp(error);
    } finally {
      if (this.#synchronising === generation) this.#synchronising = null;
    }
  }

  /** Ends it for good. */
  async end() {
    this.#ended = true;
    await this.#hub.stop();
  }

  async #giveUp(error) {
    this.#onStatus({ kind: "disconnected", error });
    await this.#hub.stop();
  }

  #lost(kind, error) {
    this.#generation += 1;
    this.#onStatus({ kind, error });
  }

  #startLater() {
    this.#waiting = setTimeout(() => this.start(), restartDelay());
  }
}

async function inTime(promise) {
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("The board did not come in time.")), SNAPSHOT_TIMEOUT_MS);
  });
  try {
    await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
