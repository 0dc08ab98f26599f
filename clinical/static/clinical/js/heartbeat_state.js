/** Whether a heartbeat says something about now, or has only been lying in a buffer. Pure. */

const LATE_AFTER_MS = 20_000;

/**
 * `serverTime` is what a heartbeat says and `now` what this screen takes for the server's time. What waited in the
 * buffers of a computer that slept comes with its old time; so does a good one where this computer's clock was turned.
 * Only an answer to a question tells these two apart.
 */
export function isLate(serverTime, now) {
  return now - serverTime > LATE_AFTER_MS;
}
