/** Loads the page of a patient anew and takes its sections over, as the server wrote them. */

/** The sections of the page as it is now by their ids; null for a patient who is not here any more. */
export async function load() {
  const response = await fetch(window.location.href, { cache: "no-store", credentials: "same-origin", redirect: "error" });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`The page answered ${response.status}.`);
  // A document of its own: nothing in it runs, and only the marked sections are taken.
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return new Map([...page.querySelectorAll("[data-live]")].map((section) => [section.id, section]));
}

/** Puts each in the place of the one with its id; what is the same stays, and with it the focus. */
export function showSections(sections) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const section = sections.get(old.id);
    if (section === undefined || section.isEqualNode(old)) continue;
    const focused = old.contains(document.activeElement) ? pathTo(old, document.activeElement) : null;
    const taken = document.importNode(section, true);
    old.replaceWith(taken);
    focused?.reduce((element, at) => element?.children[at], taken)?.focus({ preventScroll: true });
  }
}

/** A sentence about the page as a whole; "" takes it away. */
export function showPageMessage(text) {
  const line = document.querySelector("[data-page-message]");
  if (line !== null && line.textContent !== text) line.textContent = text;
}

/** Takes everything about the patient away. */
export function hidePatient() {
  for (const element of document.querySelectorAll("[data-live], [data-person]")) element.replaceChildren();
}

function pathTo(root, element) {
  const path = [];
  for (let at = element; at !== root; at = at.parentElement) path.unshift([...at.parentElement.children].indexOf(at));
  return path;
}
