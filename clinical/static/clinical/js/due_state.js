/** When the next set is due and how overdue it is, as `clinical/services/due.py` has it. Pure. */

const MINUTE_MS = 60_000;
// Overdue by so many hundredths of the interval.
const LATE = 33;
const MISSED = 67;

/** "none", "not-due", "due", "late" or "missed"; each begins at its very moment. Times are milliseconds. */
export function stateAt(dueAt, intervalMinutes, now) {
  if (Number.isNaN(dueAt)) return "none";
  if (now < dueAt) return "not-due";
  const hundredth = (intervalMinutes * MINUTE_MS) / 100;
  if (now < dueAt + hundredth * LATE) return "due";
  return now < dueAt + hundredth * MISSED ? "late" : "missed";
}

/** The same of a row of the board. */
export function dueState({ observation }, now) {
  return stateAt(Date.parse(observation?.dueAt), observation?.intervalMinutes, now);
}
