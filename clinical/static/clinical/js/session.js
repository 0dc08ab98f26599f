/** On every page: keeps it to its login, together with the other tabs of this browser. */

import { LoginWatch } from "./login_watch.js";
import * as view from "./lock_view.js";
import { sessionApi } from "./session_api.js";

const TICK_MS = 1_000;
const page = view.loginOfPage();
const channel = new BroadcastChannel("wardline-login");
const watch = new LoginWatch({
  page,
  api: sessionApi(page),
  view,
  channel,
  now: () => ({ wall: Date.now(), steady: performance.now() }),
});

/** For who has reason to doubt that the login of this page is still there. */
export function checkLogin() {
  return watch.check();
}

channel.onmessage = ({ data }) => watch.heard(data);
view.onActivity(() => watch.activity());
view.onReturn(() => {
  watch.tick();
  watch.check();
});
view.offerLock(() => watch.lock());
setInterval(() => watch.tick(), TICK_MS);
watch.start();
