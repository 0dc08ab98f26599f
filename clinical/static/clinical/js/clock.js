/** The server's time on this screen, and how times and ages are written. */

import { gettext, interpolate, ngettext } from "./language.js";

let skew = 0;
let zone;

/** Takes what the server's clock says just now; this computer's own may be minutes off. */
export function setServerTime(milliseconds) {
  skew = milliseconds - Date.now();
}

export function setTimeZone(name) {
  zone = name;
}

/** Milliseconds since 1970, as the server sees it. */
export function now() {
  return Date.now() + skew;
}

export function timeOfDay(milliseconds, { seconds = false } = {}) {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: seconds ? "2-digit" : undefined,
    hourCycle: "h23",
    timeZone: zone,
  }).format(milliseconds);
}

/** The time that a text such as "2026-11-24T10:30" names on the ward's clocks, null for one that they never show. */
export function instantOf(text) {
  const wanted = Date.parse(`${text}Z`);
  if (Number.isNaN(wanted)) return null;
  let at = wanted;
  // The second step is for a change of the clocks between the guess and the answer.
  for (let step = 0; step < 2; step += 1) at += wanted - wallClock(at);
  return wallClock(at) === wanted ? at : null;
}

function wallClock(milliseconds) {
  const format = new Intl.DateTimeFormat("en-GB", {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
    timeZone: zone,
  });
  const parts = Object.fromEntries(format.formatToParts(milliseconds).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}

/** "just now", "12 min ago", "3 h 05 min ago", "2 days ago". */
export function age(milliseconds, at = now()) {
  const minutes = Math.floor((at - milliseconds) / 60_000);
  if (minutes < 1) return gettext("just now");
  if (minutes < 60) return interpolate(gettext("%(minutes)s min ago"), { minutes });
  const hours = Math.floor(minutes / 60);
  const rest = String(minutes % 60).padStart(2, "0");
  if (hours < 24) return interpolate(gettext("%(hours)s h %(minutes)s min ago"), { hours, minutes: rest });
  const days = Math.floor(hours / 24);
  return interpolate(ngettext("%(days)s day ago", "%(days)s days ago", days), { days });
}
