import assert from "node:assert/strict";
import test from "node:test";

import { tokenSource } from "../../clinical/static/clinical/js/token.js";

const LIFETIME = 900;

function source(t, answers) {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000_000_000 });
  const asked = [];
  const signedOut = [];
  t.mock.method(globalThis, "fetch", async (url, options) => {
    asked.push({ url, ...options });
    return answers.shift();
  });
  const accessToken = tokenSource({ url: "/token/", csrfToken: "csrf", user: "7", onSignedOut: (reason) => signedOut.push(reason) });
  return { accessToken, asked, signedOut };
}

function answer(sub) {
  const iat = Math.floor(Date.now() / 1000);
  const access = `h.${Buffer.from(JSON.stringify({ sub, iat, exp: iat + LIFETIME })).toString("base64url")}.${Math.random()}`;
  return Response.json({ access });
}

test("a token is fetched with the session and its CSRF token, and kept while it is good", async (t) => {
  const { accessToken, asked } = source(t, [answer("7")]);
  const first = await accessToken();
  t.mock.timers.tick((LIFETIME - 61) * 1000);
  assert.equal(await accessToken(), first);
  assert.deepEqual([asked.length, asked[0].url, asked[0].method, asked[0].headers["X-CSRFToken"]], [1, "/token/", "POST", "csrf"]);
});

test("a token that is about to expire is renewed", async (t) => {
  const { accessToken, asked } = source(t, [answer("7"), answer("7")]);
  const first = await accessToken();
  t.mock.timers.tick((LIFETIME - 59) * 1000);
  assert.notEqual(await accessToken(), first);
  assert.equal(asked.length, 2);
});

for (const status of [401, 403]) {
  test(`a session that is answered ${status} is signed out`, async (t) => {
    const { accessToken, signedOut } = source(t, [new Response("", { status })]);
    await assert.rejects(accessToken());
    assert.deepEqual(signedOut, ["signed-out"]);
  });
}

test("somebody else's session is not used", async (t) => {
  const { accessToken, signedOut } = source(t, [answer("8")]);
  await assert.rejects(accessToken());
  assert.deepEqual(signedOut, ["other-user"]);
});

test("a server in trouble signs nobody out", async (t) => {
  const { accessToken, signedOut } = source(t, [new Response("", { status: 503 }), answer("7")]);
  await assert.rejects(accessToken());
  assert.deepEqual(signedOut, []);
  assert.ok(await accessToken());
});

test("a token that is good still gives way to a new one where that is asked for", async (t) => {
  const { accessToken, asked } = source(t, [answer("7"), answer("7")]);
  await accessToken();
  await accessToken({ fresh: true });
  assert.equal(asked.length, 2);
});
