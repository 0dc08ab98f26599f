/** Joins the board's filters and its marks of what has changed with their view. */

import { now } from "./clock.js";
import { filtered } from "./filter_state.js";
import { interpolate, ngettext } from "./language.js";
import { setUpMarks, showFilter, showUnseen } from "./marks_view.js";
import { allSeen, bedSeen, NOTHING_UNSEEN, watchBegan, watchEnded } from "./unseen_state.js";

/** `user` is the number of who is logged in; `rows()` are the rows as the screen shows them. */
export function createMarks({ user, rows }) {
  let name = "all";
  let unseen = NOTHING_UNSEEN;
  let wasWatched = false;

  function show() {
    showFilter(name, filtered(name, rows(), { user, now: now() }));
    showUnseen(unseen.beds, unseenText(unseen.beds.size));
  }

  /** Is the board live, and is somebody there to see it? */
  function watched(isWatched) {
    wasWatched ||= isWatched;
    if (!wasWatched) return;
    unseen = isWatched ? watchBegan(unseen, rows()) : watchEnded(unseen, rows());
  }

  function opened(patientId) {
    unseen = bedSeen(unseen, patientId);
  }

  setUpMarks({
    choose: (chosen) => {
      name = chosen;
      show();
    },
    seen: () => {
      unseen = allSeen(unseen);
      show();
    },
  });

  return { show, watched, opened };
}

function unseenText(count) {
  if (count === 0) return "";
  return interpolate(ngettext("%(count)s bed has changed while you were away.", "%(count)s beds have changed while you were away.", count), { count });
}
