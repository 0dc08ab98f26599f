/** What a row of the board says in words, as `clinical/bed_rows.py` says it of the first page. Pure. */

import { age, timeOfDay } from "./clock.js";

const NOTHING = "–";
const BANDS = {
  high: "High",
  medium: "Medium",
  "low-medium": "Low–medium",
  low: "Low",
  routine: "Routine",
  unknown: "Unknown",
  none: "No observations",
};
const COUNTED = ["high", "medium", "low-medium", "unknown", "none"];
const PART_NAMES = {
  respiration: "respiration",
  spo2: "SpO₂",
  oxygen: "air or oxygen",
  systolic: "blood pressure",
  pulse: "pulse",
  consciousness: "ACVPU",
  temperature: "temperature",
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Everything that the row's template shows, as text; `vitals` is {part: {value, points}}. */
export function fields(row, now) {
  return {
    patient: row.patientId,
    bed: row.bed,
    name: row.name,
    identity: `MRN ${row.mrn} · born ${day(row.bornOn)}`,
    orders: row.draftOrders.map((order) => `Draft: ${order.drugName}`),
    ...observationFields(row.observation, now),
  };
}

/** How many patients are in each band that counts: {band: number}. */
export function counts(rows) {
  const found = Object.fromEntries(COUNTED.map((band) => [band, 0]));
  for (const row of rows) {
    const band = row.observation?.score.band ?? "none";
    if (band in found) found[band] += 1;
  }
  return found;
}

export function bandWord(band) {
  return BANDS[band];
}

function observationFields(found, now) {
  if (found === null) return NO_OBSERVATION;
  const { score } = found;
  const measuredAt = Date.parse(found.measuredAt);
  return {
    score: total(score),
    band: score.band,
    bandWord: BANDS[score.band],
    red: score.red ? "RED" : "",
    note: partial(score.missing),
    scale: found.spo2Scale === 2 ? "SpO₂ scale 2" : "",
    vitals: vitals(found),
    measuredAt: found.measuredAt,
    time: timeOfDay(measuredAt),
    age: age(measuredAt, now),
    recordedBy: found.recordedBy,
  };
}

const NO_OBSERVATION = {
  score: NOTHING,
  band: "none",
  bandWord: BANDS.none,
  red: "",
  note: "",
  scale: "",
  vitals: Object.fromEntries(Object.keys(PART_NAMES).map((part) => [part, { value: NOTHING, points: "" }])),
  measuredAt: "",
  time: "",
  age: "",
  recordedBy: "",
};

function total(score) {
  if (score.total !== null) return String(score.total);
  // A partial set has no total; what is certain of it must still be seen.
  return score.lowerBound ? `≥${score.lowerBound}` : "?";
}

function partial(missing) {
  if (missing.length === 0) return "";
  if (missing.length > 2) return `partial: ${missing.length} values missing`;
  return `partial: no ${missing.map((part) => PART_NAMES[part]).join(" and no ")}`;
}

function vitals(found) {
  const values = {
    respiration: number(found.respiration),
    spo2: number(found.spo2),
    oxygen: found.onOxygen === null ? NOTHING : found.onOxygen ? "O₂" : "air",
    systolic: pressure(found.systolic, found.diastolic),
    pulse: number(found.pulse),
    consciousness: found.consciousness ?? NOTHING,
    temperature: found.temperature === null ? NOTHING : charted(found.temperature),
  };
  const points = found.score.parts;
  return Object.fromEntries(
    Object.entries(values).map(([part, value]) => [part, { value, points: points[part] ? String(points[part]) : "" }]),
  );
}

/** With one decimal, half up, as it was scored: 38.05 scores as 38.1 and must not read 38.0. */
function charted(temperature) {
  return (Math.round(temperature * 10) / 10).toFixed(1);
}

function number(value) {
  return value === null ? NOTHING : String(value);
}

function pressure(systolic, diastolic) {
  if (systolic === null && diastolic === null) return NOTHING;
  return `${number(systolic)}/${number(diastolic)}`;
}

function day(text) {
  const [year, month, date] = text.split("-").map(Number);
  return `${date} ${MONTHS[month - 1]} ${year}`;
}
