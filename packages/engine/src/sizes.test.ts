import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ShapeError, sizes, Tensor } from "./index.ts";

test("sizes names the axes", () => {
  assert.deepEqual(sizes([2, 196, 768], "B N D", { D: 768 }), { B: 2, N: 196, D: 768 });
  assert.deepEqual(Tensor.zeros([3, 6]).sizes("Q 6"), { Q: 3, 6: 6 });
});

test("sizes checks rank, known sizes, numbers, and names that are used twice", () => {
  const refused: readonly (readonly [readonly number[], string, Record<string, number>])[] = [
    [[2, 3], "B N D", {}],
    [[2, 3, 4], "B N", {}],
    [[2, 3], "B D", { D: 4 }],
    [[2, 7], "Q 6", {}],
    [[2, 3], "N N", {}],
    [[1], "0", {}],
  ];
  for (const [shape, axes, known] of refused) {
    assert.throws(() => sizes(shape, axes, known), ShapeError, `${shape} as ${axes}`);
  }
});

test("the message has the expected axes and the actual sizes", () => {
  assert.throws(() => sizes([2, 3], "B N D", { D: 8 }), {
    message: "expected shape [B N D=8], got [2, 3]",
  });
});

test("any shape is read back by as many names", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (shape) => {
      const names = shape.map((_, i) => `A${i}`);
      assert.deepEqual(Object.values(sizes(shape, names.join(" "))), shape);
    }),
  );
});
