import assert from "node:assert/strict";
import test from "node:test";

import { isUsable, readToken } from "../../clinical/static/clinical/js/token_state.js";

function token(claims) {
  return `head.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
}

const held = { token: "t", lifetime: 900_000, receivedAt: 1_000_000 };

test("a token says whose it is, when it was made and how long it lives", () => {
  const read = readToken(token({ sub: "12", iat: 1000, exp: 1900, note: "ÿþ?>~" }));
  assert.deepEqual(read, { user: "12", issuedAt: 1_000_000, lifetime: 900_000 });
});

test("no token is no use", () => {
  assert.equal(isUsable(null, 0), false);
});

test("a token is used until a minute before its end", () => {
  assert.equal(isUsable(held, 1_000_000 + 839_999), true);
  assert.equal(isUsable(held, 1_000_000 + 840_000), false);
});

test("a computer's clock that was set back makes a token useless, not everlasting", () => {
  assert.equal(isUsable(held, 999_999), false);
});
