/** Keeps a page to its login: locks it when its person does nothing, and ends it when somebody else is logged in. */

import { activityReport } from "./activity_report.js";
import { activeAt, isDue } from "./idle_state.js";

/**
 * `page` is {login, kind, idleLimit}: kind "lockable", or "login" and "locked", which show nothing about patients.
 * `channel` reaches the other tabs of this browser; `now` answers {wall, steady}.
 */
export class LoginWatch {
  #page;
  #api;
  #view;
  #channel;
  #now;
  #active;
  #report;
  #phase = "new"; // or "open", "locked", "ended"
  // Counts locks and unlocks, so that an answer from before one of them is not taken for one after it.
  #turn = 0;
  #owesLock = false;
  #isTelling = false;

  constructor({ page, api, view, channel, now }) {
    this.#page = page;
    this.#api = api;
    this.#view = view;
    this.#channel = channel;
    this.#now = now;
    this.#active = now();
    this.#report = activityReport({ tellTabs: () => this.#tell("active"), report: () => this.#tellOfActivity() });
  }

  /** Loading a page is nothing that a person does: pages load themselves. */
  async start() {
    const who = await this.check();
    if (this.#phase === "new") {
      this.#phase = "open";
      if (who !== null) this.#active = activeAt(this.#now(), who.idle ?? 0);
    }
    this.#tell("here");
  }

  activity() {
    if (this.#phase !== "open" || this.#page.kind !== "lockable") return;
    const now = this.#now();
    // Whoever comes back too late finds it locked, also where their hand is quicker than the tick.
    if (isDue(this.#active, now, this.#page.idleLimit)) this.lock();
    else {
      this.#active = now;
      this.#report.active(now);
    }
  }

  tick() {
    if (isDue(this.#active, this.#now(), this.#page.idleLimit)) this.lock();
    if (this.#owesLock) this.#tellOfLock();
  }

  /** Locks all tabs, here first, each until the server knows: what it said before that takes no lock off. */
  lock() {
    if (this.#phase !== "open" || this.#page.kind !== "lockable") return;
    this.#blank();
    this.#owesLock = true;
    this.#tell("locked");
    this.#tellOfLock();
  }

  /** What another tab says; of a login that is not this page's the server knows more. */
  heard({ kind, login }) {
    if (login !== this.#page.login || kind === "unlocked") this.check();
    else if (kind === "locked") this.lock();
    else if (kind === "active" && this.#phase === "open") this.#active = this.#now();
  }

  /** Asks the server who is logged in, and does what follows; answers that, or null without an answer. */
  async check() {
    const turn = this.#turn;
    const who = await this.#api.whoAmI().catch(() => null);
    if (who !== null && turn === this.#turn) this.#follow(who);
    return who;
  }

  #follow(who) {
    const isOurs = (who.login ?? "") === this.#page.login;
    if (this.#page.kind === "locked" && !(isOurs && who.locked)) this.#view.reload();
    if (this.#page.kind !== "lockable") return;
    if (!isOurs) this.#end(who);
    // The page's own modules have not run yet, so it is not for us to take away; the server leads to its lock.
    else if (who.locked && this.#phase === "new") this.#view.reload();
    else if (who.locked) this.#blank();
    else if (this.#phase === "locked" && !this.#owesLock) this.#open();
  }

  async #unlock(password) {
    const failure = await this.#api.unlock(password);
    if (failure === null) {
      this.#open();
      this.#tell("unlocked");
    } else await this.check();
    return failure;
  }

  #blank() {
    if (this.#phase !== "open" || this.#page.kind !== "lockable") return;
    this.#phase = "locked";
    this.#turn += 1;
    this.#view.showLock((password) => this.#unlock(password));
  }

  #open() {
    if (this.#phase !== "locked") return;
    this.#phase = "open";
    this.#turn += 1;
    this.#owesLock = false;
    this.#active = this.#now();
    this.#report.known(this.#active);
    this.#view.takeLockOff();
  }

  #end(who) {
    if (this.#phase === "ended") return this.#view.sayWho(who);
    this.#phase = "ended";
    this.#owesLock = false;
    this.#view.showEnded(who);
  }

  async #tellOfActivity() {
    const turn = this.#turn;
    const answer = await this.#api.report().catch(() => null);
    if (answer === null) await this.check();
    else if (answer.locked && turn === this.#turn) this.#blank();
    return answer !== null;
  }

  /** Until the server knows; where there is no such login any more, the page ends. */
  async #tellOfLock() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const told = await this.#api.lock().then(() => true, () => false);
    if (told) [this.#owesLock, this.#turn] = [false, this.#turn + 1];
    else await this.check();
    this.#isTelling = false;
  }

  #tell(kind) {
    this.#channel.postMessage({ kind, login: this.#page.login });
  }
}
