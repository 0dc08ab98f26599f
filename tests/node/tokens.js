// Tokens that the conformance server takes: HS256 with the key, issuer and audience of the recordings.

import { createHmac } from "node:crypto";

const KEY = "k".repeat(40);

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function token({ seconds = 600, ...claims } = {}) {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const payload = { sub: "user1", role: "Doctor", department: "icu", iss: "i", aud: "a", exp, ...claims };
  const signed = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded(payload)}`;
  return `${signed}.${createHmac("sha256", KEY).update(signed).digest("base64url")}`;
}
