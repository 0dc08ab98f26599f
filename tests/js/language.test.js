import assert from "node:assert/strict";
import test from "node:test";

import { decimal, gettext, interpolate, ngettext } from "../../clinical/static/clinical/js/language.js";

test("without a catalogue the words are those of the code", () => {
  assert.equal(gettext("just now"), "just now");
  assert.equal(ngettext("a day", "days", 1), "a day");
  assert.equal(ngettext("a day", "days", 0), "days");
});

test("with one they are the catalogue's", () => {
  globalThis.django = { gettext: (text) => ({ "just now": "gerade eben" })[text] ?? text, ngettext: (one, many, count) => `${count} Tage` };
  assert.equal(gettext("just now"), "gerade eben");
  assert.equal(gettext("unheard of"), "unheard of");
  assert.equal(ngettext("a day", "days", 3), "3 Tage");
  delete globalThis.django;
});

test("a number has the language's own decimal mark", () => {
  assert.equal(decimal("37.2"), "37.2");
  globalThis.django = { get_format: (name) => ({ DECIMAL_SEPARATOR: "," })[name] };
  assert.equal(decimal("37.2"), "37,2");
  delete globalThis.django;
});

test("values are put in by name, whatever they look like", () => {
  assert.equal(interpolate("%(a)s before %(b)s", { a: "%(b)s", b: 2 }), "%(b)s before 2");
});
