/** Joins the panel's state, its view and the two actions of the hub. */

import { bandWord } from "./bed_row.js";
import { now } from "./clock.js";
import { byField, isUnauthorized, ownText, sentence } from "./hub_errors.js";
import { isEmpty, parse, partialHint, savedText } from "./observation_state.js";
import { CLOSED, closeAsked, mayRecord, message, opened, saveEnded, saveStarted } from "./panel_state.js";
import * as view from "./panel_view.js";

const REFUSED_SET = "Only nurses and doctors may record observations. Nothing was saved.";
const REFUSED_ORDER = "Only doctors may order medication. Nothing was ordered.";

/** `rowOf(patientId)` is the bed's row on the board, or undefined for somebody who has left. */
export function createPanel({ invoke, rowOf, isLive }) {
  let panel = CLOSED;
  const situation = () => ({ live: isLive(), onWard: rowOf(panel.patientId) !== undefined });

  const SAVERS = { observation: saveSet, order: saveOrder };

  function open(patientId) {
    panel = opened(patientId);
    view.openPanel();
    refresh();
  }

  function close() {
    panel = CLOSED;
    view.closePanel();
  }

  /** Shows the bed as the board has it now. */
  function refresh() {
    if (panel.patientId === null) return;
    const row = rowOf(panel.patientId);
    if (row !== undefined) view.showBed(row, now());
    view.setCanSave(mayRecord(panel, situation()));
    view.showPanelMessage(message(panel, situation()));
  }

  async function save(name, values) {
    if (!mayRecord(panel, situation())) return;
    panel = saveStarted(panel);
    refresh();
    view.showOutcome(name, await SAVERS[name](panel.patientId, values));
    panel = saveEnded(panel);
    refresh();
  }

  async function saveSet(patientId, values) {
    if (isEmpty(values)) return { failed: "Nothing is entered yet." };
    const { input, errors } = parse(values);
    if (Object.keys(errors).length > 0) return { failed: "Nothing was saved. Please correct what is marked.", errors };
    try {
      const recorded = await invoke("RecordObservation", patientId, input);
      view.clearForm("observation");
      return { saved: savedText(recorded, bandWord(recorded.score.band)) };
    } catch (error) {
      return failedSet(error);
    }
  }

  async function saveOrder(patientId, { drug }) {
    if (!drug) return { failed: "Choose a drug first." };
    try {
      const order = await invoke("OrderMedication", patientId, drug);
      view.clearForm("order");
      return { saved: `Draft order started: ${order.drugName}.` };
    } catch (error) {
      return { failed: sentence(error, REFUSED_ORDER) };
    }
  }

  view.setUpPanel({
    save,
    input: (name, values) => name === "observation" && view.showHint(name, partialHint(values)),
    close() {
      panel = closeAsked(panel, !isEmpty(view.values("observation")));
      if (panel === CLOSED) close();
      else refresh();
    },
  });

  return { open, close, refresh };
}

function failedSet(error) {
  const text = ownText(error);
  if (text === null || isUnauthorized(error)) return { failed: sentence(error, REFUSED_SET) };
  const { fields, rest } = byField(text);
  return { failed: ["Nothing was saved.", rest].join(" ").trim(), errors: fields };
}
