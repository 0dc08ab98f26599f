/** The rows of a board as a screen shows them: with their alerts, without what its privacy mode hides. Pure. */

import { shownRow } from "./privacy_state.js";

export function shownRows({ rows, alerts }, privacy) {
  return rows.map((row) => {
    const own = alerts.filter(({ patientId }) => patientId === row.patientId);
    return { ...shownRow(row, privacy), alerts: own };
  });
}
