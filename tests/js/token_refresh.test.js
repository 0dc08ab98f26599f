import assert from "node:assert/strict";
import { test } from "node:test";

import { tokenRefresh } from "../../clinical/static/clinical/js/token_refresh.js";

function setUp() {
  const world = { token: "first", invoked: [], failure: null, asked: [] };
  const refreshing = tokenRefresh({
    accessToken: async (options = {}) => {
      world.asked.push(options.fresh ?? false);
      return world.token;
    },
    invoke: async (...args) => {
      world.invoked.push(args);
      if (world.failure) throw world.failure;
    },
  });
  return { world, ...refreshing };
}

test("nothing is sent as long as the hub knows the newest token", async () => {
  const { world, factory, refresh } = setUp();
  assert.equal(await factory(), "first");
  await refresh();
  assert.deepEqual(world.invoked, []);
});

test("a newer token is told once", async () => {
  const { world, factory, refresh } = setUp();
  await factory();
  world.token = "second";
  await refresh();
  await refresh();
  assert.deepEqual(world.invoked, [["RefreshAuthentication", "second"]]);
});

test("a refresh that fails is tried again and hurts nobody", async () => {
  const { world, factory, refresh } = setUp();
  await factory();
  world.token = "second";
  world.failure = new Error("the connection is lost");
  await refresh();
  world.failure = null;
  await refresh();
  assert.equal(world.invoked.length, 2);
});

test("two calls at once send one", async () => {
  const { world, factory, refresh } = setUp();
  await factory();
  world.token = "second";
  await Promise.all([refresh(), refresh()]);
  assert.equal(world.invoked.length, 1);
});

test("without a connection there is nothing to refresh", async () => {
  const { world, refresh } = setUp();
  await refresh();
  assert.deepEqual(world.invoked, []);
});

test("after a start that failed the next token is a new one, and then none needs to be", async () => {
  const { world, factory, doubt } = setUp();
  await factory();
  doubt();
  await factory();
  await factory();
  assert.deepEqual(world.asked, [false, true, false]);
});
