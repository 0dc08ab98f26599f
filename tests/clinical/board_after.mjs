/* Answers each line of input, {snapshot, events}, with rows and alerts of a screen that has applied them. */
import { createInterface } from "node:readline";

import { emptyBoard, eventReceived, answerAsked, snapshotReceived } from "../../clinical/static/clinical/js/board_state.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { snapshot, events } = JSON.parse(line);
  let { board } = snapshotReceived(answerAsked(emptyBoard()), snapshot);
  for (const event of events) {
    const received = eventReceived(board, event);
    if (received.gap) throw new Error(`A gap before ${event.envelope.seq}.`);
    board = received.board;
  }
  process.stdout.write(`${JSON.stringify({ rows: board.rows, alerts: board.alerts })}\n`);
}
