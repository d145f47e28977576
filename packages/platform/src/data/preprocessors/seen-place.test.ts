import assert from "node:assert/strict";
import { test } from "node:test";
import { scope } from "@cell-observatory/engine";
import { batchWith } from "../../../test/support/batch-with.ts";
import type { TransformConfig } from "../../config/index.ts";
import { tokenGrid } from "../../nn/index.ts";
import { maskGenerator } from "../masking/mask-generator.ts";
import { randomMasking as masking } from "../masking/random-masking.fixture.ts";
import type { ZYX } from "../structures/boxes.ts";
import { preparer } from "./prepare.ts";
import { seenPlaces } from "./seen-place.ts";

// Each voxel of both samples holds its own number, so that it is known wherever it went.
const [Z, Y, X] = [5, 8, 8] as const;
const size = Z * Y * X;
const shape = [2, 1, Z, Y, X, 1] as const;
const voxels = new Uint16Array(new SharedArrayBuffer(4 * size));
voxels.set(Array.from({ length: 2 * size }, (_, i) => i));
const batch = batchWith({ voxels, shape, samples: [3, 4] });

const grid = tokenGrid({ input_fmt: "ZYXC", input_shape: [4, 4, 4, 1], patch_shape: [2, 2, 2] });
const masks = maskGenerator(masking, grid);
const config = (transforms_list: readonly TransformConfig[]) =>
  ({
    normalize: "none",
    eps: 1e-4,
    percentile_low: 1,
    percentile_high: 99,
    flip: [],
    transforms_list,
  }) as const;
const partsOf = (seed: number) =>
  ({ layout: "ZYXC", device: "cpu", seed, maskGenerator: masks, grid }) as const;

const crop: Extract<TransformConfig, { kind: "crop" }> = {
  kind: "crop",
  crop_dims: "ZYX",
  crop_type: "random",
  align_corners: false,
  boxes_normalized: false,
  target_spatial_shape: [3, 5, 5],
  resize_scale: [0.5, 1],
  mode_probs: { crop: 1 },
};

test("a voxel is found again, however samples are mirrored, turned and cropped", () => {
  const list: readonly TransformConfig[] = [
    { kind: "flip", axes: ["Z", "Y", "X"], probability: 0.5 },
    crop,
    { kind: "rotate90", planes: ["YX"] },
  ];
  for (let seed = 0; seed < 12; seed++) {
    scope(() => {
      const { image } = preparer(config(list), partsOf(seed), { clean: false })(batch);
      for (const row of [0, 1]) {
        const seen = image.select(0, row).contiguous().data();
        const { at, scale } = seenPlaces(config(list), partsOf(seed))(batch, row);
        let numFound = 0;
        for (let i = 0; i < size; i++) {
          const place = at([Math.floor(i / (Y * X)), Math.floor(i / X) % Y, i % X]);
          const [z, y, x] = place;
          if (z === null || y === null || x === null) continue;
          numFound += 1;
          assert.equal(seen[(z * 5 + y) * 5 + x], row * size + i);
        }
        assert.equal(numFound, 3 * 5 * 5);
        assert.deepEqual(scale, [1, 1, 1]);
      }
    });
  }
});

test("what is resized is found at its new place, its voxels as large as they are, also in crops", () => {
  const resize: TransformConfig = {
    kind: "resize",
    mode: "trilinear",
    align_corners: false,
    boxes_normalized: false,
    crop_to_valid: true,
    target_spatial_shape: [10, 4, 8],
  };
  const { at, scale } = seenPlaces(config([resize]), partsOf(0))(batch, 0);
  assert.deepEqual(scale, [0.5, 2, 1]);
  assert.deepEqual(at([2, 5, 7]), [5, 2, 7]);
  const larger = { ...crop, mode_probs: { crop_resize: 1 }, resize_scale: [1, 1] } as typeof crop;
  const cut = seenPlaces(config([larger]), partsOf(0))(batch, 1);
  assert.deepEqual(cut.scale, [1.6667, 1.6, 1.6]);
});

test("an axis that was turned is known, and a voxel that was cropped away is nowhere", () => {
  const axesSeen = new Set<string>();
  for (let seed = 0; seed < 12; seed++) {
    const turn: TransformConfig = { kind: "rotate90", planes: ["YX"] };
    axesSeen.add(`${seenPlaces(config([turn]), partsOf(seed))(batch, 0).from}`);
  }
  assert.deepEqual([...axesSeen].sort(), ["0,1,2", "0,2,1"]);
  const start = { ...crop, crop_type: "start" } as typeof crop;
  const { at } = seenPlaces(config([start]), partsOf(0))(batch, 0);
  const corner: ZYX = [Z - 1, Y - 1, X - 1];
  assert.deepEqual(at([1, Y - 1, 2]), [1, null, 2]);
  assert.deepEqual(
    [at([2, 4, 4]), at(corner)],
    [
      [2, 4, 4],
      [null, null, null],
    ],
  );
});
