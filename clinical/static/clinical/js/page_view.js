/** Takes everything off the page and puts it back: what is not there nobody sees, hears or reaches with a key. */

const TITLE = "Wardline";
// They leave with the rest, and are needed afterwards.
const screens = new Map([...document.querySelectorAll("template[id$=-screen]")].map((each) => [each.id, each]));
const restored = [];
const gone = [];
let held = null;

/** While this is so, nothing may be written to the page: its elements are not there. */
export function isBlank() {
  return held !== null;
}

/** Calls `listener()` whenever the page is back, to be brought up to date. */
export function onRestored(listener) {
  restored.push(listener);
}

/** Calls `listener()` when the page is taken away for good. */
export function onGone(listener) {
  gone.push(listener);
}

/** Shows the screen of that name, a template, instead of the page; answers the element that holds it. */
export function showInstead(name) {
  held ??= takeOff();
  document.body.replaceChildren(document.importNode(screens.get(name).content, true));
  document.title = TITLE;
  document.body.querySelector("[data-focus]")?.focus();
  return document.body;
}

export function restore() {
  const { content, title, focus, dialogs, scroll } = held;
  held = null;
  document.body.replaceChildren(content);
  document.title = title;
  for (const dialog of dialogs) {
    // Off the page it has lost its place above all others, and does not know.
    dialog.removeAttribute("open");
    dialog.showModal();
  }
  focus?.focus({ preventScroll: true });
  globalThis.scrollTo(...scroll);
  for (const listener of restored) listener();
}

/** The page will not come back. */
export function forget() {
  held = {};
  for (const listener of gone) listener();
}

function takeOff() {
  const taken = {
    content: document.createDocumentFragment(),
    // May name a patient.
    title: document.title,
    focus: document.activeElement,
    dialogs: [...document.querySelectorAll("dialog:modal")],
    scroll: [globalThis.scrollX, globalThis.scrollY],
  };
  taken.content.append(...document.body.childNodes);
  return taken;
}
