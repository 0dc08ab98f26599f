/** The measurements of a set as texts, with the points that each has scored. Pure. */

import { decimal, gettext } from "./language.js";
import { NOTHING, PARTS } from "./words.js";

/** {part: {value, points}} of a set, or of none; `points` are the parts of its score. */
export function vitals(found, points) {
  const values = found === null ? {} : valuesOf(found);
  const shown = (part) => ({ value: values[part] ?? NOTHING, points: points[part] ? String(points[part]) : "" });
  return Object.fromEntries(PARTS.map((part) => [part, shown(part)]));
}

function valuesOf(found) {
  return {
    respiration: number(found.respiration),
    spo2: number(found.spo2),
    oxygen: found.onOxygen === null ? NOTHING : found.onOxygen ? gettext("O₂") : gettext("air"),
    systolic: pressure(found.systolic, found.diastolic),
    pulse: number(found.pulse),
    consciousness: found.consciousness ?? NOTHING,
    temperature: found.temperature === null ? NOTHING : charted(found.temperature),
  };
}

/** With one decimal, half up, as it was scored: 38.05 scores as 38.1 and must not read 38.0. */
function charted(temperature) {
  return decimal((Math.round(temperature * 10) / 10).toFixed(1));
}

function number(value) {
  return value === null ? NOTHING : String(value);
}

function pressure(systolic, diastolic) {
  return systolic === null && diastolic === null ? NOTHING : `${number(systolic)}/${number(diastolic)}`;
}
