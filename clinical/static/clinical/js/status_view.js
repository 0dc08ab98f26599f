/** Shows the status line; the style sheet greys the board while it is not live. */

import { timeOfDay } from "./clock.js";
import { isFinal, statusText } from "./status_state.js";

export function showStatus(status) {
  const line = document.getElementById("status");
  const { label, detail } = statusText(status, timeOfDay(status.since, { seconds: true }));
  line.dataset.kind = status.kind;
  line.querySelector("[data-status-label]").textContent = label;
  line.querySelector("[data-status-detail]").textContent = detail;
  line.querySelector("[data-status-link]").hidden = !isFinal(status);
}
