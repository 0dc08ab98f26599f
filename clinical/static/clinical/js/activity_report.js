/** Says that somebody is active: to the other tabs of the browser often, to the server now and then. */

import { isOwed } from "./idle_state.js";

const TELL_TABS_EVERY_MS = 2_000;
const REPORT_EVERY_MS = 60_000;

/** `tellTabs()` and `report()` are called when they are owed; `report` answers whether the server was told. */
export function activityReport({ tellTabs, report }) {
  let told = null;
  let reported = null;

  async function active(now) {
    if (isOwed(told, now, TELL_TABS_EVERY_MS)) {
      told = now;
      tellTabs();
    }
    if (!isOwed(reported, now, REPORT_EVERY_MS)) return;
    reported = now;
    if (!(await report())) reported = null;
  }

  /** The server knows of it already. */
  function known(now) {
    reported = now;
  }

  return { active, known };
}
