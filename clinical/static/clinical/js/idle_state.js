/** How long nobody has done anything at this screen, and what follows from it. Pure. */

/** `active` and `now` are {wall, steady}: the clock on the wall, which goes on in a laptop's sleep, and one that nobody sets. */
export function idleFor(active, now) {
  return Math.max(now.wall - active.wall, now.steady - active.steady);
}

/** `limit` in milliseconds, 0 for never. */
export function isDue(active, now, limit) {
  return limit > 0 && idleFor(active, now) >= limit;
}

/** The moment at which somebody was active who has been idle for so many seconds by now. */
export function activeAt(now, idleSeconds) {
  return { wall: now.wall - idleSeconds * 1000, steady: now.steady - idleSeconds * 1000 };
}

/** Is it time again to say that somebody is active? `told` is when that was last said, or null. */
export function isOwed(told, now, every) {
  return told === null || Math.abs(idleFor(told, now)) >= every;
}
