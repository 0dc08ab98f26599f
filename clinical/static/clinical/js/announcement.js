/** What a screen reader is told when the board changes: whoever needs somebody now, nobody else. Pure. */

import { gettext, interpolate } from "./language.js";
import { bandWord } from "./words.js";

const URGENT = new Set(["high", "medium", "low-medium"]);

/** One sentence for each newer set that is urgent. */
export function change(before, after) {
  const old = new Map(before.map((row) => [row.patientId, row.observation?.setId]));
  return after
    .filter(({ patientId, observation }) => observation && observation.setId !== old.get(patientId))
    .filter(({ observation }) => URGENT.has(observation.score.band))
    .map(sentence)
    .join(" ");
}

function sentence({ bed, observation: { score } }) {
  const words = gettext("Bed %(bed)s: NEWS2 %(score)s, %(band)s.");
  return interpolate(words, { bed, score: spoken(score), band: bandWord(score.band) });
}

function spoken({ total, lowerBound }) {
  return total ?? interpolate(gettext("at least %(score)s"), { score: lowerBound });
}
