/** What somebody is asked once before a set is saved, and told of what others have saved meanwhile. Pure. */

const LABELS = {
  respiration: "Respiration",
  spo2: "SpO₂",
  systolic: "Systolic pressure",
  diastolic: "Diastolic pressure",
  pulse: "Pulse",
  temperature: "Temperature",
};

/**
 * `input` is what would be sent, `ranges` are {name: {usual, possible}}, each [least, most], `isPartial` is whether a
 * measurement is missing. What is unusual may be true, and what is missing may stay so: the answer is a click, never a
 * block. What cannot be is refused by the server, and nobody is asked about it.
 */
export function questions(input, ranges, isPartial) {
  const asked = Object.keys(LABELS)
    .filter((name) => isUnusual(input[name], ranges[name]))
    .map((name) => `${LABELS[name]} ${input[name]} is unusual. Is that what was measured?`);
  if (isPartial && input.missingReason === null) asked.push("It is not said why values are missing. Save without a reason?");
  return asked;
}

/** Says who has recorded a set since the form was opened; "" for nobody. `known` are the ids of sets seen by then. */
export function newerSet(known, observation, time) {
  if (!observation || known.includes(observation.setId)) return "";
  const { total, lowerBound } = observation.score;
  const score = observation.notScored ? "not scored" : `NEWS2 ${total ?? `at least ${lowerBound}`}`;
  return `${observation.recordedBy} has recorded a set of ${time} (${score}) since this form was opened.`;
}

function isUnusual(value, range) {
  if (value === null || value === undefined || range === undefined) return false;
  return isWithin(value, range.possible) && !isWithin(value, range.usual);
}

function isWithin(value, [least, most]) {
  return least <= value && value <= most;
}
