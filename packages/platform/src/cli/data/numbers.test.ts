import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers, wholeNumbers } from "./numbers.ts";

test("numbers of a flag are read in order", () => {
  assert.deepEqual(numbers("0.8, 0.4,0.4", "voxel-size", ["Z", "Y", "X"]), [0.8, 0.4, 0.4]);
});

test("too few, too many, none, words and zeros are refused with what the flag takes", () => {
  for (const text of ["1,2", "1,2,3,4", "", "1,,3", "a,b,c", "0,1,1", "-1,1,1", "1,1,Infinity"]) {
    assert.throws(() => numbers(text, "cube", ["Z", "Y", "X"]), {
      code: "USAGE",
      message: `--cube takes 3 numbers above 0, Z,Y,X; got "${text}"`,
    });
  }
  assert.throws(() => wholeNumbers("1.5,2", "stride", ["Y", "X"]), {
    code: "USAGE",
    message: '--stride takes whole numbers; got "1.5,2"',
  });
});
