/** When to try again after the client has given up. Pure. */

const PERIOD_MS = 15_000;

/** About every 15 s, spread out, so that the screens of a hospital do not come back in one wave. */
export function restartDelay(random = Math.random()) {
  return PERIOD_MS * (0.75 + random / 2);
}
