/** Shows the lock of the screen and the end of a login, and hears what the person does. Decides nothing. */

import { forget, restore, showInstead } from "./page_view.js";

const HANDS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/** What the page says of its login: {login, kind, idleLimit, url, csrfToken}; `login` is "" for nobody's page. */
export function loginOfPage() {
  const meta = document.querySelector("meta[name=login]");
  const form = document.getElementById("lock-screen");
  return {
    login: meta.content,
    kind: meta.dataset.page,
    idleLimit: Number(meta.dataset.idleLimit ?? 0),
    url: meta.dataset.session,
    csrfToken: form?.content.querySelector("[name=csrfmiddlewaretoken]").value,
  };
}

/** Calls `listener()` when a hand has touched mouse, keys or screen. */
export function onActivity(listener) {
  let place = null;
  const hear = (event) => {
    // Made by a script; something lies on the keyboard; the page moved under a pointer that rests.
    if (!event.isTrusted || event.repeat || (event.type === "pointermove" && rests(event))) return;
    listener();
  };
  const rests = ({ screenX, screenY }) => {
    const before = place;
    place = `${screenX},${screenY}`;
    return before === null || before === place;
  };
  for (const kind of HANDS) document.addEventListener(kind, hear, { capture: true, passive: true });
}

/** Calls `listener()` when the page is looked at again, or a laptop is opened. */
export function onReturn(listener) {
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && listener());
  document.addEventListener("resume", listener);
  window.addEventListener("pageshow", ({ persisted }) => persisted && listener());
  window.addEventListener("focus", listener);
}

/** Shows the buttons that lock the screen at once. */
export function offerLock(lock) {
  for (const button of document.querySelectorAll("[data-lock-now]")) {
    button.hidden = false;
    button.addEventListener("click", lock);
  }
}

/** `unlock(password)` answers null, or which of the form's sentences says why it stays locked. */
export function showLock(unlock) {
  const form = showInstead("lock-screen").querySelector("[data-unlock]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const failure = await unlock(form.elements.password.value);
    button.disabled = false;
    form.elements.password.value = "";
    const line = form.querySelector("[data-unlock-error]");
    line.textContent = line.dataset[failure] ?? "";
    if (failure !== null) form.elements.password.focus();
  });
}

export function takeLockOff() {
  restore();
}

/** For good; `who` is here now, and gets a page of their own. */
export function showEnded(who) {
  showInstead("ended-screen");
  sayWho(who);
  forget();
}

/** On the page of a login that has ended; whoever logs in next is not there at once. */
export function sayWho(who) {
  const line = document.querySelector("[data-who]");
  const { somebody, nobody } = line.dataset;
  const text = who.user === null ? nobody : `${who.name} (${who.role}) ${somebody}`;
  // What is written again is read out again.
  if (line.textContent !== text) line.textContent = text;
}

export function reload() {
  window.location.reload();
}
