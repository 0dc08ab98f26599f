/** What a screen reader is told when the board changes: whoever needs somebody now, nobody else. Pure. */

import { bandWord } from "./bed_row.js";

const URGENT = new Set(["high", "medium", "low-medium"]);

/** One sentence for each newer set that is urgent. */
export function change(before, after) {
  const old = new Map(before.map((row) => [row.patientId, row.observation?.setId]));
  return after
    .filter(({ patientId, observation }) => observation && observation.setId !== old.get(patientId))
    .filter(({ observation }) => URGENT.has(observation.score.band))
    .map((row) => `Bed ${row.bed}: NEWS2 ${spoken(row.observation.score)}, ${bandWord(row.observation.score.band)}.`)
    .join(" ");
}

function spoken({ total, lowerBound }) {
  return total ?? `at least ${lowerBound}`;
}
