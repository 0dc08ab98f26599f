/** What the status line says, from the connection's state. Pure. */

import { gettext, interpolate } from "./language.js";

const SERVER_TIMEOUT_MS = 30_000;
const ASLEEP_AFTER_MS = 30_000;
// The server says every 10 s that it reads the ward's feed.
const STALE_AFTER_MS = 30_000;
const NOT_LIVE_AFTER_MS = 60_000;
// A board that is made right sooner was never seen to be wrong.
const WRONG_AFTER_MS = 1_000;
const FINAL = new Set(["signed-out", "refused"]);
const PENDING = new Set(["connecting", "stale", "reconnecting"]);

/** `since` is when the screen became live, or when it stopped being so. */
export function initialStatus(at) {
  return { kind: "connecting", since: at };
}

/**
 * The status after `change`: {kind, error?, reason?, at?}, where kind is "live", "stale", "reconnecting", "disconnected",
 * or one of those after which nothing is tried any more: "signed-out", "refused".
 */
export function nextStatus(status, change, now) {
  if (FINAL.has(status.kind)) return status;
  // What has been said to be not live stays so until it is live, whatever is tried meanwhile.
  if (status.kind === "disconnected" && PENDING.has(change.kind)) return status;
  // However often it is tried: not live since then.
  const since = change.kind === "live" || status.kind === "live" ? changedAt(change, now) : status.since;
  return { kind: change.kind, since, reason: change.reason };
}

export function isFinal(status) {
  return FINAL.has(status.kind);
}

export function isLive(status) {
  return status.kind === "live";
}

/** Did this page stand still between two ticks, as in a closed laptop? Then nothing it shows can be trusted. */
export function hasSlept(lastTick, now) {
  return Math.abs(now - lastTick) > ASLEEP_AFTER_MS;
}

/**
 * The change that time calls for, null for none: a connection that is up proves nothing while nobody says that the
 * ward is being read, and one that is being tried for long is none. `heard` is when that was last said, `wrongSince`
 * when the board was found to lack something, null for never.
 */
export function overdue(status, { heard, wrongSince = null }, now) {
  // A clock that was set back shows as an age below zero, and may not make the silence look short.
  const age = Math.abs(now - (isLive(status) ? heard : status.since));
  if (PENDING.has(status.kind) && age > NOT_LIVE_AFTER_MS) return { kind: "disconnected" };
  if (status.kind === "connecting" && age > STALE_AFTER_MS) return { kind: "stale" };
  if (isLive(status) && age > STALE_AFTER_MS) return { kind: "stale", at: heard };
  if (isLive(status) && wrongSince !== null && now - wrongSince > WRONG_AFTER_MS) return { kind: "stale", at: wrongSince };
  return null;
}

/** `{label, detail}`, with the time already written. */
export function statusText(status, time) {
  switch (status.kind) {
    case "live":
      return { label: gettext("Live"), detail: interpolate(gettext("since %(time)s"), { time }) };
    case "connecting":
      return { label: gettext("Connecting"), detail: interpolate(gettext("as of %(time)s, not live yet"), { time }) };
    case "stale":
      return { label: gettext("Delayed"), detail: interpolate(gettext("no word since %(time)s"), { time }) };
    case "reconnecting":
      return { label: gettext("Reconnecting"), detail: interpolate(gettext("since %(time)s"), { time }) };
    case "signed-out":
      return { label: gettext("Signed out"), detail: signedOut(status.reason, time) };
    case "refused":
      return { label: gettext("No access"), detail: status.reason };
    default:
      return { label: gettext("NOT LIVE"), detail: interpolate(gettext("since %(time)s – check the bedside"), { time }) };
  }
}

function signedOut(word, time) {
  const reasons = {
    "signed-out": gettext("Your session has ended."),
    "other-user": gettext("Somebody else has logged in on this computer."),
  };
  return interpolate(gettext("%(reason)s NOT LIVE since %(time)s."), { reason: reasons[word], time });
}

function changedAt({ error, at }, now) {
  if (at !== undefined) return at;
  // Silence is only noticed when the client's time-out has passed; the data stopped before that.
  return error?.message?.includes("Server timeout elapsed") ? now - SERVER_TIMEOUT_MS : now;
}
