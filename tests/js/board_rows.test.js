import assert from "node:assert/strict";
import test from "node:test";

import { shownRows } from "../../clinical/static/clinical/js/board_rows.js";

const row = { patientId: "a", name: "BYRON, Ada", mrn: "1", bornOn: "1960-12-10", draftOrders: [], observation: null };

test("each row has the alerts of its patient and no others", () => {
  const alerts = [{ id: "x", patientId: "a" }, { id: "y", patientId: "b" }];
  assert.deepEqual(shownRows({ rows: [row], alerts }, "full"), [{ ...row, alerts: [alerts[0]] }]);
});

test("the mode of the screen decides over names", () => {
  assert.equal(shownRows({ rows: [row], alerts: [] }, "initials")[0].name, "B. A.");
});
