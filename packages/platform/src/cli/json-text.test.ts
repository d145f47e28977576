import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonText } from "./json-text.ts";

test("numbers that JSON lacks are not null, and text that looks like them stays text", () => {
  const value = { a: [Number.NaN, 1.5], b: -Infinity, c: "Infinity", d: null, e: { f: Infinity } };
  assert.equal(
    jsonText(value),
    '{"a":[NaN,1.5],"b":-Infinity,"c":"Infinity","d":null,"e":{"f":Infinity}}',
  );
});
