/** Keeps a page live: joins token, connection, the ward's feed and the status that they lead to. */

import { now, setServerTime } from "./clock.js";
import { Connection } from "./connection.js";
import { isLate } from "./heartbeat_state.js";
import { hasSlept, initialStatus, isFinal, isLive, nextStatus, overdue } from "./status_state.js";
import { tokenSource } from "./token.js";
import { tokenRefresh } from "./token_refresh.js";
import { WardFeed } from "./ward_feed.js";

/**
 * `settings` are {ward, hub, token, user, csrfToken}. `onChange(before, after)` hears of new rows and alerts, `onStatus(status)`
 * of the status, `onDoubt()` that the connection was lost, perhaps with the login, and `onEnd()` that nothing may be
 * shown any more.
 */
export class LiveWard {
  #status = initialStatus(now());
  #lastTick = Date.now();
  #heard = now();
  #wrongSince = null;
  // Has the server answered since the last heartbeat? Then the next one is no relic.
  #answered = false;
  #feed;
  #token;
  #connection;
  #on;

  constructor(settings, { onChange, onStatus, onDoubt, onEnd }) {
    this.#on = { onStatus, onDoubt, onEnd };
    const invoke = (...args) => this.#connection.invoke(...args);
    const accessToken = tokenSource({
      url: settings.token,
      csrfToken: settings.csrfToken,
      user: settings.user,
      onSignedOut: (reason) => this.end({ kind: "signed-out", reason }),
    });
    this.#token = tokenRefresh({ accessToken, invoke });
    this.#feed = new WardFeed({
      ward: settings.ward,
      invoke,
      repair: () => this.#repair(),
      onChange,
      onRefused: (reason) => this.end({ kind: "refused", reason }),
    });
    this.#connection = new Connection({
      url: settings.hub,
      accessToken: this.#token.factory,
      handlers: { ...this.#feed.handlers, Heartbeat: (beat) => this.#heartbeat(beat) },
      synchronise: () => this.#feed.synchronise(),
      onStatus: (changed) => this.#change(changed),
    });
  }

  get status() {
    return this.#status;
  }

  get rows() {
    return this.#feed.rows;
  }

  get alerts() {
    return this.#feed.alerts;
  }

  get isLive() {
    return isLive(this.#status);
  }

  get isOver() {
    return isFinal(this.#status);
  }

  start() {
    this.#connection.start();
  }

  invoke(action, ...args) {
    return this.#connection.invoke(action, ...args);
  }

  /** Tries now what would be tried later. */
  hurry() {
    this.#connection.hurry();
  }

  /** Nothing is tried any more. */
  end(changed) {
    this.#change(changed);
    this.#feed.end();
    this.#connection.end();
    this.#on.onEnd();
  }

  /** Once a second, and whenever the page is seen again. */
  tick(isVisible) {
    const time = Date.now();
    if (isVisible && hasSlept(this.#lastTick, time) && this.isLive) {
      this.#change({ kind: "reconnecting", at: now() - (time - this.#lastTick) });
      this.#connection.synchronise();
    }
    this.#lastTick = time;
    const changed = overdue(this.#status, { heard: this.#heard, wrongSince: this.#wrongSince }, now());
    if (changed !== null) this.#change(changed);
  }

  #change(changed) {
    if (changed.kind === "live") {
      this.#heard = now();
      this.#wrongSince = null;
      this.#answered = true;
    }
    if (changed.kind === "disconnected") {
      this.#token.doubt();
      this.#on.onDoubt();
    }
    this.#status = nextStatus(this.#status, changed, now());
    this.#on.onStatus(this.#status);
  }

  /** The page is known to be wrong; a moment of that is nothing to see, more of it is. */
  #repair() {
    this.#wrongSince ??= now();
    this.#connection.synchronise();
  }

  /** The server has read the ward's feed. A page that was silent is made right before it is called live. */
  #heartbeat({ serverTime, feeds }) {
    const at = Date.parse(serverTime);
    if (isLate(at, now()) && !this.#answered) {
      if (this.isLive) this.#change({ kind: "stale", at: this.#heard });
      if (!this.isOver) this.#connection.synchronise();
      return;
    }
    this.#answered = false;
    setServerTime(at);
    this.#heard = now();
    if (this.isLive) {
      this.#feed.served(feeds);
      this.#token.refresh();
    } else if (!this.isOver) this.#connection.synchronise();
  }
}
