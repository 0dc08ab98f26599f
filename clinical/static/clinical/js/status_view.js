/** Shows the status line, and in the title of a hidden tab; the style sheet greys the board while it is not live. */

import { timeOfDay } from "./clock.js";
import { isFinal, isLive, statusText } from "./status_state.js";

const title = document.title;

export function showStatus(status) {
  const line = document.getElementById("status");
  const { label, detail } = statusText(status, timeOfDay(status.since, { seconds: true }));
  line.dataset.kind = status.kind;
  line.querySelector("[data-status-label]").textContent = label;
  line.querySelector("[data-status-detail]").textContent = detail;
  document.title = isLive(status) || status.kind === "connecting" ? title : `${label} · ${title}`;
  line.querySelector("[data-status-link]").hidden = !isFinal(status);
}
