/** Fetches access tokens from the login session and holds the newest one in a variable, nowhere else. */

import { setServerTime } from "./clock.js";
import { isUsable, readToken } from "./token_state.js";

/** There is no login session any more, or it is somebody else's. */
export class SignedOut extends Error {}

/** A function that answers a token which is good for at least another minute; a new one where `fresh` asks for it. */
export function tokenSource({ url, csrfToken, user, onSignedOut }) {
  let held = null;

  async function renew() {
    const response = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken, Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
    });
    if (response.status === 401 || response.status === 403) throw new SignedOut("signed-out");
    if (!response.ok) throw new Error(`The token service answered ${response.status}.`);
    const { access } = await response.json();
    const { user: owner, issuedAt, lifetime } = readToken(access);
    setServerTime(issuedAt);
    // On a shared computer another tab may have logged in somebody else meanwhile.
    if (owner !== user) throw new SignedOut("other-user");
    held = { token: access, lifetime, receivedAt: Date.now() };
  }

  return async function accessToken({ fresh = false } = {}) {
    if (!fresh && isUsable(held, Date.now())) return held.token;
    held = null;
    try {
      await renew();
    } catch (error) {
      if (error instanceof SignedOut) onSignedOut(error.message);
      throw error;
    }
    return held.token;
  };
}
