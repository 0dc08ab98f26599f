import assert from "node:assert/strict";
import test from "node:test";

import { LoginWatch } from "../../clinical/static/clinical/js/login_watch.js";

const MINUTE = 60_000;
const LIMIT = 5 * MINUTE;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** One browser: its server, its clock, and tabs that hear each other. */
class Browser {
  time = 1_000_000;
  tabs = [];
  server = { login: "a", user: "7", name: "Nora", role: "Nurse", locked: false, idle: 0 };
  reports = 0;
  locks = 0;
  onTheWay = Promise.resolve();
  isDown = false;
  password = "right";

  async open(kind = "lockable") {
    const tab = { shown: "page", said: [], reloads: 0 };
    const channel = { postMessage: (message) => this.tabs.filter((each) => each !== tab).forEach((each) => each.watch.heard(message)) };
    const sayEnded = (who) => (tab.shown = `ended: ${who.user === null ? "nobody" : who.name}`);
    const view = {
      showLock: (unlock) => Object.assign(tab, { shown: "lock", unlock }),
      takeLockOff: () => (tab.shown = "page"),
      showEnded: sayEnded,
      sayWho: sayEnded,
      reload: () => (tab.reloads += 1),
    };
    const page = { login: this.server.login ?? "", kind, idleLimit: LIMIT };
    tab.watch = new LoginWatch({ page, api: this.#api(), view, channel, now: () => ({ wall: this.time, steady: this.time }) });
    this.tabs.push(tab);
    await tab.watch.start();
    await settled();
    return tab;
  }

  #api() {
    const answering = (answer) => async (...args) => {
      if (this.isDown) throw new Error("down");
      return answer(...args);
    };
    return {
      whoAmI: answering(() => ({ ...this.server })),
      report: answering(() => {
        this.reports += 1;
        return { locked: this.server.locked };
      }),
      lock: answering(async () => {
        await this.onTheWay;
        this.locks += 1;
        this.server.locked = true;
      }),
      unlock: answering((password) => {
        if (password !== this.password) return "wrong";
        this.server.locked = false;
        return null;
      }),
    };
  }

  async pass(milliseconds) {
    this.time += milliseconds;
    for (const { watch } of this.tabs) watch.tick();
    await settled();
  }

  logIn(login, name) {
    Object.assign(this.server, { login, name, user: name, locked: false, idle: 0 });
  }
}

const shown = (browser) => browser.tabs.map((tab) => tab.shown);

test("SE-7: a screen that nobody touches locks in all tabs, and the server knows", async () => {
  const browser = new Browser();
  await browser.open();
  await browser.open();
  await browser.pass(LIMIT - 1);
  assert.deepEqual(shown(browser), ["page", "page"]);
  await browser.pass(1);
  assert.deepEqual(shown(browser), ["lock", "lock"]);
  assert.equal(browser.server.locked, true);
});

test("SE-7: activity in one tab keeps all of them open, and is told to the server once a minute", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  await browser.open();
  for (let second = 0; second < 600; second += 1) {
    tab.watch.activity();
    await browser.pass(1_000);
  }
  assert.deepEqual(shown(browser), ["page", "page"]);
  assert.equal(browser.reports, 10);
});

test("SE-7: after a sleep the first touch does not count, it locks", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.time += 2 * LIMIT;
  tab.watch.activity();
  assert.equal(tab.shown, "lock");
});

test("SE-7: loading a page is no activity", async () => {
  const browser = new Browser();
  browser.server.idle = 299;
  await browser.open();
  await browser.pass(1_000);
  assert.deepEqual(shown(browser), ["lock"]);
});

test("the right password opens all tabs, a wrong one none", async () => {
  const browser = new Browser();
  const [tab] = [await browser.open(), await browser.open()];
  tab.watch.lock();
  await settled();
  assert.equal(await tab.unlock("wrong"), "wrong");
  assert.deepEqual(shown(browser), ["lock", "lock"]);
  assert.equal(await tab.unlock("right"), null);
  await settled();
  assert.deepEqual(shown(browser), ["page", "page"]);
});

test("a screen locks without its server, which is told as soon as it is back", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.isDown = true;
  await browser.pass(LIMIT);
  assert.equal(tab.shown, "lock");
  browser.isDown = false;
  // What it says now is from before the lock.
  await tab.watch.check();
  assert.equal(tab.shown, "lock");
  await browser.pass(1_000);
  assert.deepEqual([browser.server.locked, browser.locks], [true, 1]);
});

test("an answer from before a lock does not take it off", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  const asked = tab.watch.check();
  tab.watch.lock();
  await asked;
  await settled();
  assert.equal(tab.shown, "lock");
});

test("SE-7: while the lock is on its way to the server no tab takes the server's word for having none", async () => {
  const browser = new Browser();
  const [first, second] = [await browser.open(), await browser.open()];
  let arrive;
  browser.onTheWay = new Promise((resolve) => (arrive = resolve));
  first.watch.lock();
  await first.watch.check();
  await second.watch.check();
  assert.deepEqual(shown(browser), ["lock", "lock"]);
  arrive();
  await settled();
  await second.watch.check();
  assert.deepEqual(shown(browser), ["lock", "lock"]);
});

test("a lock that the server alone knows of is followed, by a page that has just come by loading it again", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.server.locked = true;
  await tab.watch.check();
  assert.equal(tab.shown, "lock");
  const next = await browser.open();
  assert.deepEqual([next.shown, next.reloads], ["page", 1]);
});

test("another login ends the tabs of the former one, which say who is there now", async () => {
  const browser = new Browser();
  await browser.open();
  await browser.open();
  browser.tabs[1].watch.lock();
  await settled();
  browser.logIn("b", "Adam");
  await browser.open();
  const sentence = "ended: Adam";
  assert.deepEqual(shown(browser), [sentence, sentence, "page"]);
});

test("the same person's new login ends the old tabs too", async () => {
  const browser = new Browser();
  await browser.open();
  browser.logIn("b", "Nora");
  await browser.open();
  assert.deepEqual(shown(browser), ["ended: Nora", "page"]);
});

test("a log-out ends the tabs, and what has ended does not come back", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.server = { user: null };
  await browser.open("login");
  assert.equal(tab.shown, "ended: nobody");
  browser.server = { login: "a", user: "7", name: "Nora", role: "Nurse", locked: false, idle: 0 };
  await tab.watch.check();
  assert.equal(tab.shown, "ended: nobody");
});

test("a page that has ended before the next one was logged in says who that is as soon as they are", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.server = { user: null };
  await tab.watch.check();
  assert.equal(tab.shown, "ended: nobody");
  browser.logIn("b", "Adam");
  await browser.open();
  assert.equal(tab.shown, "ended: Adam");
});

test("a page that shows nothing about patients neither locks nor keeps others open", async () => {
  const browser = new Browser();
  const login = await browser.open("login");
  const board = await browser.open();
  browser.time += LIMIT - 1_000;
  login.watch.activity();
  await browser.pass(1_000);
  assert.deepEqual([login.shown, board.shown], ["page", "lock"]);
});

test("the lock's own page goes on when the screen was unlocked elsewhere", async () => {
  const browser = new Browser();
  browser.server.locked = true;
  const page = await browser.open("locked");
  assert.equal(page.reloads, 0);
  browser.server.locked = false;
  await page.watch.check();
  assert.equal(page.reloads, 1);
});
