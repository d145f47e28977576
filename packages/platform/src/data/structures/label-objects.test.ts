import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { labelObjects } from "./label-objects.ts";

/** The same, voxel by voxel, in the most obvious way. */
function slowly(labels: Int32Array, [T, Z, Y, X]: readonly [number, number, number, number]) {
  const ids = [...new Set(labels)].filter((id) => id > 0).sort((a, b) => a - b);
  const boxes: number[] = [];
  const isPresent: number[] = [];
  for (let t = 0; t < T; t++) {
    for (const id of ids) {
      const at: [number, number, number][] = [];
      for (let n = 0; n < Z * Y * X; n++) {
        if (labels[t * Z * Y * X + n] === id) {
          at.push([Math.floor(n / (Y * X)), Math.floor(n / X) % Y, n % X]);
        }
      }
      const along = (a: 0 | 1 | 2) => at.map((place) => place[a]);
      isPresent.push(Number(at.length > 0));
      if (at.length === 0) boxes.push(0, 0, 0, 0, 0, 0);
      else {
        boxes.push(...([0, 1, 2] as const).map((a) => Math.min(...along(a))));
        boxes.push(...([0, 1, 2] as const).map((a) => Math.max(...along(a)) + 1));
      }
    }
  }
  return { ids, boxes, isPresent };
}

const anyMap = fc
  .tuple(fc.integer({ min: 1, max: 3 }), ...[5, 6, 7].map((max) => fc.integer({ min: 1, max })))
  .chain((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const id = fc.constantFrom(-1, 0, 0, 1, 2, 3, 65535, 65536, 2 ** 31 - 1);
    const labels = fc.array(id, { minLength: length, maxLength: length });
    return fc.record({ shape: fc.constant(shape), labels });
  });

test("ids, boxes and frames are those of a search voxel by voxel", () => {
  fc.assert(
    fc.property(anyMap, ({ shape, labels }) => {
      const map = Int32Array.from(labels);
      const found = labelObjects(map, shape as unknown as [number, number, number, number]);
      const { ids, boxes, isPresent } = slowly(map, shape as never);
      assert.deepEqual([...found.ids], ids);
      assert.deepEqual([...found.boxes], boxes);
      assert.deepEqual([...found.isPresent], isPresent);
    }),
    { numRuns: 300 },
  );
});

test("the box of one voxel reaches from its near edges to its far ones", () => {
  const map = new Int32Array(2 * 3 * 4);
  map[1 * 12 + 2 * 4 + 3] = 9;
  assert.deepEqual([...labelObjects(map, [1, 2, 3, 4]).boxes], [1, 2, 3, 2, 3, 4]);
});

test("more instances than the first table holds are all found", () => {
  const map = Int32Array.from({ length: 5000 }, (_, i) => 5000 - i);
  const { ids, boxes } = labelObjects(map, [1, 1, 1, 5000]);
  assert.deepEqual([...ids.slice(0, 2), ids.length], [1, 2, 5000]);
  assert.deepEqual([...boxes.slice(0, 6)], [0, 0, 4999, 1, 1, 5000]);
});
