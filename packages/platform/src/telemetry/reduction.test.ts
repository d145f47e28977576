import assert from "node:assert/strict";
import { test } from "node:test";
import { reduce } from "./reduction.ts";

for (const [how, expected] of [
  ["mean", 2.5],
  ["median", 1.5],
  ["sum", 10],
  ["min", 0],
  ["max", 7],
] as const) {
  test(`the ${how} of 7, 1, 0 and 2 is ${expected}`, () => {
    assert.equal(reduce(how, [7, 1, 0, 2]), expected);
  });
  test(`the ${how} of values of which one is NaN is NaN`, () => {
    assert.equal(reduce(how, [1, Number.NaN, 2]), Number.NaN);
  });
  test(`the ${how} of no values is refused`, () => {
    assert.throws(() => reduce(how, []), RangeError);
  });
}

test("the median of an odd number of values is the middle one", () => {
  assert.equal(reduce("median", [3, 100, 1]), 3);
});
