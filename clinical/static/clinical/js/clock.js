/** The server's time on this screen, and how times and ages are written. */

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

/** "just now", "12 min ago", "3 h 05 min ago", "2 days ago". */
export function age(milliseconds, at = now()) {
  const minutes = Math.floor((at - milliseconds) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}
