/** What an access token says about itself, and when it is time for a new one. Pure. */

const RENEW_BEFORE_MS = 60_000;

/** Reads `{user, issuedAt, lifetime}` (milliseconds) out of a JWT; whether it is good, the server decides. */
export function readToken(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const claims = JSON.parse(atob(payload));
  return { user: String(claims.sub), issuedAt: claims.iat * 1000, lifetime: (claims.exp - claims.iat) * 1000 };
}

/** `held` is `{token, lifetime, receivedAt}` or null. */
export function isUsable(held, now) {
  if (held === null) return false;
  // Its own lifetime counts from when it came: this computer's clock may be minutes off the server's.
  const age = now - held.receivedAt;
  return age >= 0 && age < held.lifetime - RENEW_BEFORE_MS;
}
