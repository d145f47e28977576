import assert from "node:assert/strict";
import { test } from "node:test";
import {
  areKeysOfPython,
  arePackageWordsKeys,
  areReferencesInText,
  isWithinOurs,
} from "./known-effects.ts";

for (const [isEffect, ours, theirs, wrong] of [
  [
    areReferencesInText,
    { a: 1, c: "x[1, 2]y" },
    { a: 1, c: "x['${a.b}', '${a.c}']y" },
    [
      { a: 2, c: "x['${a.b}', '${a.c}']y" },
      { a: 1, c: "x['${a.b}', '${a.c}']z" },
    ],
  ],
  [
    areKeysOfPython,
    { a: { 1: "y", b: 0, true: "x" } },
    { a: { b: 0, true: "y" } },
    [{ a: { b: 1, true: "y" } }, { a: { b: 0, true: "z" } }],
  ],
  [arePackageWordsKeys, { x: { a: 1 } }, { x: { _name_: 1 } }, [{ x: { _name_: 2 } }, { x: 1 }]],
  [isWithinOurs, { a: { b: 1 }, c: 2 }, { c: 2 }, [{ c: 3 }, { d: 1 }]],
] as const) {
  test(`${isEffect.name} explains its own effect, and no fault beside it`, () => {
    assert.ok(isEffect({ ours, theirs }));
    for (const other of wrong) assert.ok(!isEffect({ ours, theirs: other }), JSON.stringify(other));
  });
}
