/** What a screen shows of who a patient is, as `clinical/privacy.py` has it of the first page. Pure. */

// What whoever comes to the bed must know; the others say what the patient has, or has decided.
const OPEN_FLAGS = new Set(["isolation", "falls", "nil-by-mouth", "pressure"]);

/** A row of the board without what the mode hides: "full", "initials" or "bed". */
export function shownRow(row, mode) {
  if (mode === "full") return row;
  return {
    ...row,
    name: mode === "initials" ? initials(row.name) : "",
    mrn: "",
    bornOn: null,
    draftOrders: row.draftOrders.map((order) => ({ ...order, drugName: "" })),
    ...withheld(row),
    ...(row.flags && { flags: row.flags.filter((flag) => OPEN_FLAGS.has(flag)) }),
    observation: row.observation && shownSet(row.observation),
  };
}

/** A set without what says too much: why somebody is not scored, or in what words it was corrected. */
function shownSet(set) {
  return { ...set, ...withheld(set), ...(set.correction && { correction: { ...set.correction, reason: "" } }) };
}

/** Why somebody is not scored says too much of them. */
function withheld({ notScored }) {
  return notScored ? { notScored: "withheld" } : {};
}

/** "BYRON, Ada" is "B. A.". */
function initials(name) {
  const comma = name.indexOf(",");
  const parts = comma === -1 ? [name] : [name.slice(0, comma), name.slice(comma + 1)];
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => `${[...part][0]}.`)
    .join(" ");
}
