import assert from "node:assert/strict";
import { test } from "node:test";
import { outlineOf } from "./outlines.ts";
import { maximumProjections } from "./slices.ts";

test("an outline has every edge at which the id changes, once for each side", () => {
  const voxels = Float32Array.from([3, 3, 0, 5]);
  const size = { plane: "XY", at: 0, width: 2, height: 2, trueWidth: 2, trueHeight: 2 } as const;
  const found = outlineOf({ ...size, voxels });
  assert.deepEqual(
    found.map(({ id, edges }) => [id, edges.length]),
    [
      [3, 6],
      [5, 4],
    ],
  );
  const [three] = found;
  assert.ok(
    three?.edges.some((edge) => edge.join() === "1,1,2,1"),
    "between 3 and 5",
  );
  assert.ok(!three?.edges.some((edge) => edge.join() === "1,0,1,1"), "none inside");
});

test("a projection has the largest value along its axis, and NaN where there is no other", () => {
  const voxels = [1, 2, 3, 4, 9, Number.NaN, 0, Number.NaN];
  const [xy, xz, yz] = maximumProjections({ voxels, shape: [2, 2, 2] }, [1, 1, 1]);
  assert.deepEqual([...(xy?.voxels ?? [])], [9, 2, 3, 4]);
  assert.deepEqual([...(xz?.voxels ?? [])], [3, 4, 9, Number.NaN]);
  assert.deepEqual([...(yz?.voxels ?? [])], [2, 4, 9, 0]);
});
