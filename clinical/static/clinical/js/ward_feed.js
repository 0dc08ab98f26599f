/** Follows a ward's feed: holds the board, asks for what is missing, and says when the rows have changed. */

import {
  EVENT_NAMES, answerAsked, emptyBoard, eventReceived, feedEnded, held, isBehind, missedReceived, snapshotReceived,
} from "./board_state.js";
import { isUnauthorized, ownText } from "./hub_errors.js";
import { gettext } from "./language.js";

/**
 * `invoke(action, ...args)` calls the hub; `repair()` is asked for when something is missing and must lead to `synchronise`.
 * `onChange(before, after)` hears of changed `rows` and `alerts`, `before` being null the first time; `onRefused(reason)` that nothing may be seen.
 */
export class WardFeed {
  #ward;
  #invoke;
  #repair;
  #onChange;
  #onRefused;
  #board = emptyBoard();
  #ended = false;

  constructor({ ward, invoke, repair, onChange, onRefused }) {
    this.#ward = ward;
    this.#invoke = invoke;
    this.#repair = repair;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
  }

  get rows() {
    return this.#board.rows;
  }

  /** The open ones of the whole ward. */
  get alerts() {
    return this.#board.alerts;
  }

  /** What the hub calls, by name. */
  get handlers() {
    return {
      ...Object.fromEntries(EVENT_NAMES.map((name) => [name, (payload, envelope) => this.#receive({ name, payload, envelope })])),
      FeedEnded: (end) => this.#feedEnded(end),
    };
  }

  /** Makes the board right: by what it has missed, else by a snapshot; again while that leaves a gap. */
  async synchronise() {
    const before = this.#board;
    let gap = true;
    while (gap) {
      const take = await this.#ask();
      // Who was sent away meanwhile gets nothing to see.
      if (this.#ended) return;
      ({ board: this.#board, gap } = take(this.#board));
    }
    this.#onChange(before.seq === null ? null : before, this.#board);
  }

  /** The server has read the feeds and sent this connection all up to these numbers: it must be here. */
  served(feeds) {
    if (isBehind(this.#board, feeds)) this.#repair();
  }

  /** Takes everything about patients away, for good. */
  end() {
    this.#ended = true;
    this.#board = emptyBoard();
  }

  async #ask() {
    const place = held(this.#board);
    this.#board = answerAsked(this.#board);
    try {
      if (place === null) {
        const snapshot = await this.#invoke("SubscribeToWard", this.#ward);
        return (board) => snapshotReceived(board, snapshot);
      }
      const answer = await this.#invoke("ResumeWard", this.#ward, place.epoch, place.seq);
      return (board) => missedReceived(board, answer);
    } catch (error) {
      const reason = isUnauthorized(error) ? gettext("Your account does not open this ward.") : ownText(error);
      if (reason !== null) this.#onRefused(reason);
      throw error;
    }
  }

  #receive(event) {
    if (this.#ended) return;
    const before = this.#board;
    const { board, gap } = eventReceived(before, event);
    this.#board = board;
    if (gap) this.#repair();
    if (board.rows !== before.rows || board.alerts !== before.alerts) this.#onChange(before, board);
  }

  #feedEnded({ feed, reason }) {
    if (this.#ended || feed !== `ward:${this.#ward}`) return;
    if (reason === "forbidden") {
      this.#onRefused(gettext("Your access to this ward has ended."));
      return;
    }
    this.#board = feedEnded(this.#board);
    this.#repair();
  }
}
