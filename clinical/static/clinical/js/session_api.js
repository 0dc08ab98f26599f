/** Asks the server who is logged in here, tells it of activity and of the lock, and has a password tried. */

/** There is no such login any more, or the password was wrong. */
export class Refused extends Error {}

export function sessionApi({ url, csrfToken }) {
  async function ask(path, options = {}) {
    const response = await fetch(`${url}${path}`, { credentials: "same-origin", cache: "no-store", ...options });
    if (response.status === 401 || response.status === 403) throw new Refused();
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    return response.status === 204 ? null : response.json();
  }

  function post(path, body = {}) {
    const headers = { "X-CSRFToken": csrfToken, "Content-Type": "application/json", Accept: "application/json" };
    // Kept alive, because the page may just be leaving.
    return ask(path, { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
  }

  /** null where it is unlocked, else "wrong", or "silence" of the server. */
  async function unlock(password) {
    try {
      await post("unlock/", { password });
      return null;
    } catch (error) {
      return error instanceof Refused ? "wrong" : "silence";
    }
  }

  return { whoAmI: () => ask(""), report: () => post("activity/"), lock: () => post("lock/"), unlock };
}
