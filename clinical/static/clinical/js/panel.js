/** Joins the panel's state, its view and the two actions of the hub. */

import { bandWord } from "./bed_row.js";
import { now, timeOfDay } from "./clock.js";
import { newerSet, questions } from "./entry_questions.js";
import { byField, isUnauthorized, isUnanswered, ownText, sentence } from "./hub_errors.js";
import { gettext, interpolate } from "./language.js";
import { isEmpty, parse, partialHint, savedText } from "./observation_state.js";
import { isBlank } from "./page_view.js";
import { CLOSED, closeAsked, mayRecord, message, opened, saveEnded, saveStarted, setSaved } from "./panel_state.js";
import * as view from "./panel_view.js";

/** `rowOf(patientId)` is the bed's row on the board, or undefined for somebody who has left. */
export function createPanel({ invoke, rowOf, isLive }) {
  let panel = CLOSED;
  let order = null; // the one that was sent and not answered yet
  let untold = null; // what became of a save, until it can be shown
  const situation = () => ({ live: isLive(), onWard: rowOf(panel.patientId) !== undefined });

  const SAVERS = { observation: saveSet, order: saveOrder };

  function open(patientId) {
    const newest = newestOf(patientId)?.setId;
    panel = opened(patientId, { key: crypto.randomUUID(), newest });
    untold = null;
    view.openPanel();
    view.setPatient(patientId, panel.key, newest);
    refresh();
  }

  function close() {
    panel = CLOSED;
    view.closePanel();
  }

  function newestOf(patientId) {
    return rowOf(patientId)?.observation;
  }

  /** Says so where somebody else has recorded a set since the form was opened. */
  function notice() {
    const newest = newestOf(panel.patientId);
    if (panel.saving || !newest) return "";
    return newerSet(panel.known, newest, timeOfDay(Date.parse(newest.measuredAt)));
  }

  /** Shows the bed as the board has it now; while the screen is locked it is not there, and waits until it is back. */
  function refresh() {
    if (panel.patientId === null || isBlank()) return;
    if (untold !== null) tell(untold);
    const row = rowOf(panel.patientId);
    if (row !== undefined) view.showBed(row, now());
    view.setCanSave(mayRecord(panel, situation()));
    view.offerPage(!panel.saving && !isLive());
    view.showPanelMessage(message(panel, situation()));
    view.showHint("observation", "notice", notice());
  }

  async function save(name, values, anyway) {
    if (!mayRecord(panel, situation())) return;
    panel = saveStarted(panel);
    refresh();
    try {
      untold = { name, outcome: await SAVERS[name](panel.patientId, values, anyway) };
    } finally {
      panel = saveEnded(panel);
      refresh();
    }
  }

  function tell({ name, outcome }) {
    untold = null;
    if (outcome.saved) view.clearForm(name);
    if (outcome.setId) view.setPatient(panel.patientId, panel.key, outcome.setId);
    view.showOutcome(name, outcome);
  }

  async function saveSet(patientId, values, anyway) {
    if (isEmpty(values)) return { failed: gettext("Nothing is entered yet.") };
    const { input, errors } = parse(values);
    if (Object.keys(errors).length > 0) return { failed: nothingSaved(gettext("Please correct what is marked.")), errors };
    const asked = anyway ? [] : questions(input, view.ranges(), partialHint(values) !== "");
    if (asked.length > 0) return { asked };
    try {
      const recorded = await invoke("RecordObservation", patientId, { ...input, key: panel.key });
      const newest = newestOf(patientId)?.setId;
      panel = setSaved(panel, { key: crypto.randomUUID(), setId: recorded.setId, newest });
      return { saved: savedText(recorded, bandWord(recorded.score.band)), setId: recorded.setId };
    } catch (error) {
      return failedSet(error);
    }
  }

  async function saveOrder(patientId, { drug }) {
    if (!drug) return { failed: gettext("Choose a drug first.") };
    // Sent again, because the answer was lost, it is the same order and not a second one.
    if (order?.patientId !== patientId || order.drug !== drug) order = { patientId, drug, key: crypto.randomUUID() };
    try {
      const { drugName } = await invoke("OrderMedication", patientId, drug, order.key);
      order = null;
      return { saved: interpolate(gettext("Draft order started: %(drug)s."), { drug: drugName }) };
    } catch (error) {
      return { failed: sentence(error, gettext("Only doctors may order medication. Nothing was ordered.")) };
    }
  }

  view.setUpPanel({
    save,
    input(name, values) {
      if (name !== "observation") return;
      view.showHint(name, "hint", partialHint(values));
      view.showQuestions(name, []);
    },
    close() {
      panel = closeAsked(panel, !isEmpty(view.values("observation")));
      if (panel === CLOSED) close();
      else refresh();
    },
  });

  return { open, close, refresh };
}

function failedSet(error) {
  if (isUnanswered(error)) {
    return { failed: gettext("The connection was lost before the answer came. Save once more when the board is live: it is kept once.") };
  }
  const text = ownText(error);
  if (text === null || isUnauthorized(error)) {
    return { failed: sentence(error, gettext("Only nurses and doctors may record observations. Nothing was saved.")) };
  }
  const { fields, rest } = byField(text);
  return { failed: nothingSaved(rest), errors: fields };
}

function nothingSaved(why) {
  return `${gettext("Nothing was saved.")} ${why}`.trim();
}
