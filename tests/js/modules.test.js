import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../clinical/static/clinical/js/", import.meta.url);
const modules = new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));

function holding(pattern) {
  return [...modules].filter(([, code]) => pattern.test(code)).map(([name]) => name);
}

test("only the connection touches the SignalR client", () => {
  assert.deepEqual(holding(/signalR\b/), ["connection.js"]);
});

test("state never touches the page", () => {
  const touching = holding(/\b(document|window)\b/);
  assert.deepEqual(touching.filter((name) => !/^(board|alerts|patient|.*_view)\.js$/.test(name)), []);
});

test("what comes from the server is written as text, never as markup", () => {
  assert.deepEqual(holding(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/), []);
});

test("nothing is stored or printed", () => {
  assert.deepEqual(holding(/localStorage|sessionStorage|indexedDB|document\.cookie|console\./), []);
});

test("every module opens with what belongs in it and is small", () => {
  for (const [name, code] of modules) {
    assert.match(code, /^\/\*\* .+\*\/\n/, name);
    assert.ok(code.split("\n").length <= 150, name);
  }
});
