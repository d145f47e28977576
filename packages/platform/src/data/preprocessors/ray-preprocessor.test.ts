import assert from "node:assert/strict";
import { test } from "node:test";
import { liveTensors, scope } from "@cell-observatory/engine";
import { batchWith } from "../../../test/support/batch-with.ts";
import { tokenGrid } from "../../nn/index.ts";
import type { Batch } from "../batch.ts";
import { maskGenerator } from "../masking/mask-generator.ts";
import { randomMasking as masking } from "../masking/random-masking.fixture.ts";
import { rayPreprocessor } from "./ray-preprocessor.ts";

const shape = [2, 1, 4, 4, 4, 2] as const;

function batch(number = 0): Batch {
  const length = shape.reduce<number>((product, size) => product * size, 1);
  const voxels = new Uint16Array(new SharedArrayBuffer(2 * length + 64), 64, length);
  voxels.forEach((_, i) => {
    voxels[i] = 40000 + ((i * 7919) % 1013) * ((i % 2) + 1);
  });
  return batchWith({ voxels, shape, number, samples: [2 * number, 2 * number + 1] });
}

const grid = tokenGrid({
  input_fmt: "ZYXC",
  input_shape: [4, 4, 4, 2],
  patch_shape: [2, 2, 2],
});

const parts = {
  layout: "ZYXC",
  device: "cpu",
  seed: 1,
  maskGenerator: maskGenerator(masking, grid),
  grid,
} as const;

const config = {
  normalize: "zscore",
  eps: 1e-4,
  percentile_low: 1,
  percentile_high: 99,
  flip: [],
} as const;

test("a batch of counts becomes a normalised video in the model's layout, with masks", () => {
  const before = liveTensors();
  scope(() => {
    const { video, keep_BK, hidden_BM, restore_BN } = rayPreprocessor(config, parts)(batch());
    assert.deepEqual(video.shape, [2, 4, 4, 4, 2]);
    assert.equal(video.dtype, "float32");
    assert.deepEqual(
      [keep_BK.shape, hidden_BM.shape, restore_BN.shape],
      [
        [2, 2],
        [2, 6],
        [2, 8],
      ],
    );
    const { voxels } = batch();
    const data = video.data() as Float32Array;
    for (const [sample, channel] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const at = Array.from({ length: 64 }, (_, v) => (sample * 64 + v) * 2 + channel);
      const counts = at.map((i) => voxels[i] ?? 0);
      const mean = counts.reduce((a, b) => a + b) / 64;
      const deviation = Math.sqrt(counts.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 63);
      at.forEach((i, v) => {
        const wanted = ((counts[v] ?? 0) - mean) / deviation;
        assert.ok(
          Math.abs((data[i] ?? 0) - wanted) < 1e-3,
          `voxel ${i}: ${data[i]}, not ${wanted}`,
        );
      });
    }
  });
  assert.equal(liveTensors(), before);
});

test("masks depend on the sample and the epoch, not on what came before", () => {
  scope(() => {
    const prepare = rayPreprocessor(config, parts);
    const first = [...prepare(batch(3)).hidden_BM.data()];
    assert.notDeepEqual([...prepare(batch(4)).hidden_BM.data()], first);
    assert.deepEqual([...prepare(batch(3)).hidden_BM.data()], first);
  });
});
