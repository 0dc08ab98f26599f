/** Tells the hub the newest token before the one it knows ends, so that the connection stays open. */

/**
 * `accessToken` answers a token that is good for at least another minute. Give the connection `factory` instead,
 * and call `refresh` while it is live: nothing is sent as long as the hub knows the newest one.
 */
export function tokenRefresh({ accessToken, invoke }) {
  let known = null;
  let isRefreshing = false;
  let isDoubtful = false;

  async function factory() {
    known = await accessToken({ fresh: isDoubtful });
    isDoubtful = false;
    return known;
  }

  /** A start has failed, perhaps because of the token: a server whose clock was set back refuses one from its future. */
  function doubt() {
    isDoubtful = true;
  }

  async function refresh() {
    if (isRefreshing || known === null) return;
    isRefreshing = true;
    try {
      const token = await accessToken();
      if (token === known) return;
      await invoke("RefreshAuthentication", token);
      known = token;
    } catch {
      // The connection ends with its token then, and comes back with a new one.
    } finally {
      isRefreshing = false;
    }
  }

  return { factory, refresh, doubt };
}
