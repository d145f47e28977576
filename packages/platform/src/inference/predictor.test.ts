import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Generator, liveTensors, scope, setNumThreads } from "@cell-observatory/engine";
import { openArray, readMultiscales } from "@cell-observatory/zarr";
import { batchWith } from "../../test/support/batch-with.ts";
import { composeRun } from "../config/index.ts";
import { type Batch, maskGenerator, rayPreprocessor } from "../data/index.ts";
import { buildMae } from "../models/index.ts";
import { Predictor } from "./predictor.ts";
import { RebuiltVolume } from "./rebuilt-volume.ts";
import { comparison, ErrorTally } from "./reconstruction-errors.ts";
import { saveOmeZarr } from "./save-ome-zarr.ts";

setNumThreads(1);
const { config } = composeRun({
  configName: "experiments/nuclei_mae",
  overrides: [
    "datasets.input_shape=[4,8,8,2]",
    "datasets.patch_shape=[2,4,4]",
    "datasets.preprocessor.flip=[]",
    "models.meta_arch.mae.embed_dim=24",
    "models.meta_arch.mae.depth=1",
    "models.meta_arch.mae.decoder_embed_dim=24",
    "models.meta_arch.mae.decoder_depth=1",
  ],
  configDirs: [],
  env: {},
});
const { mae } = config.models.meta_arch;
assert.ok(mae);
const model = buildMae(mae, new Generator(0));
const grid = { axes: ["Z", "Y", "X"], counts: [2, 2, 2] };
const prepare = rayPreprocessor(
  { ...config.datasets.preprocessor, flip: [] },
  {
    layout: "ZYXC",
    device: "cpu",
    seed: 0,
    maskGenerator: maskGenerator({ ...config.datasets.masking, mask_mode: "RANDOM" }, grid),
    grid: model.grid,
  },
);
const predictor = new Predictor({ model, prepare, precision: "float32", device: "cpu" });
const sampleVoxels = 4 * 8 * 8 * 2;

/** Two samples side by side along x, of counts between 100 and 1099. */
function batchOf(): Batch {
  const voxels = new Uint16Array(new SharedArrayBuffer(2 * 2 * sampleVoxels));
  voxels.forEach((_, i) => {
    voxels[i] = 100 + ((i * 7919) % 1000);
  });
  return batchWith({
    voxels,
    shape: [2, 1, 4, 8, 8, 2],
    origins: [
      [0, 0, 0, 0],
      [0, 0, 0, 8],
    ],
  });
}

test("three quarters of a sample are hidden in whole patches, the same for every channel", () => {
  const [sample] = predictor.rebuild(batchOf());
  const { isHidden } = sample ?? assert.fail();
  assert.equal(
    isHidden.reduce((sum, flag) => sum + flag, 0),
    0.75 * sampleVoxels,
  );
  for (let i = 0; i < isHidden.length; i++) {
    const [z, y, x] = [i >> 7, (i >> 4) & 7, (i >> 1) & 7]; // [4 8 8 2]
    const corner = (((z & ~1) * 8 + (y & ~3)) * 8 + (x & ~3)) * 2;
    assert.equal(isHidden[i], isHidden[corner], `${z} ${y} ${x}`);
  }
});

test("predictions come back in counts, by the normalisation of their own sample and channel", () => {
  const batch = batchOf();
  const [sample] = predictor.rebuild(batch);
  const { channels, guesses, prediction, input } = sample ?? assert.fail();
  assert.deepEqual([...input], [...batch.voxels.subarray(0, sampleVoxels)]);
  for (const c of [0, 1]) {
    const counts = [...input].filter((_, i) => i % 2 === c);
    const mean = counts.reduce((a, b) => a + b) / counts.length;
    const deviation = Math.sqrt(
      counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1),
    );
    guesses[c]?.forEach((guess, i) => {
      const expected = mean + deviation * guess;
      assert.ok(
        Math.abs((prediction[2 * i + c] ?? 0) - expected) < 0.02,
        `voxel ${i}: ${prediction[2 * i + c]} and ${expected}`,
      );
    });
    assert.ok(
      Math.abs((channels[c]?.voxels[5] ?? 0) - ((counts[5] ?? 0) - mean) / deviation) < 1e-4,
    );
  }
});

test("the errors are those of the loss that the model is trained on", () => {
  const batch = batchOf();
  const tally = new ErrorTally();
  for (const sample of predictor.guess(batch)) tally.add(sample);
  const loss = scope(() => Number(model.eval().forward(prepare(batch)).loss.item()));
  const { model: error, visibleMean, numSamples, numHiddenVoxels } = tally.errors;
  assert.ok(Math.abs(error - loss) < 1e-5);
  assert.ok(visibleMean > 0.8 && visibleMean < 1.3, `${visibleMean}`);
  assert.deepEqual([numSamples, numHiddenVoxels], [2, 1.5 * sampleVoxels]);
});

/** The first sample is measured as far as x = 5, and a part of the second could not be read. */
function partlyMeasured(): Batch {
  const batch = batchOf();
  batch.voxels.forEach((_, i) => {
    const [b, z, y, x] = [i >> 9, (i >> 7) & 3, (i >> 4) & 7, (i >> 1) & 7];
    if (b === 0 ? x >= 5 : z < 2 && y < 4) batch.voxels[i] = 0;
  });
  const validSizes = [[1, 4, 8, 5] as const, [1, 4, 8, 8] as const];
  return { ...batch, validSizes, unread: [[], [{ from: [0, 0, 0, 0], to: [1, 2, 4, 8] }]] };
}

test("what was not measured is in no error: they are those of the loss there, too", () => {
  const batch = partlyMeasured();
  const tally = new ErrorTally();
  for (const sample of predictor.guess(batch)) tally.add(sample);
  const loss = scope(() => Number(model.eval().forward(prepare(batch)).loss.item()));
  assert.ok(Math.abs(tally.errors.model - loss) < 1e-5, `${tally.errors.model} and ${loss}`);
});

test("what was not measured moves no count of a prediction, and is marked in the volume", () => {
  const batch = partlyMeasured();
  const samples = predictor.rebuild(batch);
  const [sample] = samples;
  const { prediction, guesses, input } = sample ?? assert.fail();
  const isOf = (i: number, c: number) => i % 2 === c && ((i >> 1) & 7) < 5;
  for (const c of [0, 1]) {
    const counts = [...input].filter((_, i) => isOf(i, c));
    const mean = counts.reduce((a, b) => a + b) / counts.length;
    const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (counts.length - 1));
    guesses[c]?.forEach((guess, i) => {
      const wanted = mean + deviation * guess;
      assert.ok(Math.abs((prediction[2 * i + c] ?? 0) - wanted) < 0.02, `${wanted}`);
    });
  }
  const volume = new RebuiltVolume({ origin: [0, 0, 0, 0], shape: [1, 4, 8, 16, 2] });
  for (const one of samples) volume.add(one);
  assert.ok(volume.isComplete);
  assert.equal(volume.numNotMeasured, 4 * 8 * 3 * 2 + 2 * 4 * 8 * 2);
  for (const array of [volume.input, volume.masked, volume.reconstruction]) {
    assert.equal(array.filter(Number.isNaN).length, volume.numNotMeasured);
  }
  const shifted = { ...(samples[1] ?? assert.fail()), origin: [0, 0, 0, 4] as const };
  const at = (z: number, x: number, width: number) => ((z * 8 + 2) * width + x) * 2;
  volume.add(shifted);
  assert.equal(volume.input[at(3, 5, 16)], shifted.input[at(3, 1, 8)], "a later measure stands");
});

test("samples become a volume: visible voxels as they were, hidden ones the model's", () => {
  const samples = predictor.rebuild(batchOf());
  const volume = new RebuiltVolume({ origin: [0, 0, 0, 0], shape: [1, 4, 8, 16, 2] });
  for (const sample of samples) {
    assert.ok(!volume.isComplete);
    volume.add(sample);
  }
  assert.ok(volume.isComplete);
  volume.input.forEach((count, i) => {
    const isHidden = volume.isHidden[i] === 1;
    assert.equal(volume.masked[i], isHidden ? 0 : count);
    if (!isHidden) assert.equal(volume.reconstruction[i], count);
  });
  const second = samples[1]?.prediction[3 * 128 + 2 * 16 + 5 * 2 + 1];
  const at = ((3 * 8 + 2) * 16 + 8 + 5) * 2 + 1;
  if (volume.isHidden[at] === 1) assert.equal(volume.reconstruction[at], second);
});

test("where samples overlap, the first one stands", () => {
  const [a, b] = predictor.rebuild(batchOf());
  const [first, second] = [a ?? assert.fail(), b ?? assert.fail()];
  const volume = new RebuiltVolume({ origin: [0, 0, 0, 0], shape: [1, 4, 8, 12, 2] });
  volume.add(first);
  volume.add({ ...second, origin: [0, 0, 0, 4] });
  assert.ok(volume.isComplete);
  assert.equal(volume.input[7 * 2], first.input[7 * 2]);
  assert.equal(volume.input[8 * 2], second.input[4 * 2]);
});

test("a rebuilt volume is an OME-Zarr image with named channels, and replaces the one before", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-predict-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "prediction.ome.zarr");
  const volume = new RebuiltVolume({ origin: [3, 0, 0, 0], shape: [1, 4, 8, 16, 2] });
  for (const sample of predictor.rebuild(batchOf())) {
    volume.add({ ...sample, origin: [3, 0, 0, sample.origin[3]] });
  }
  const options = {
    path,
    voxelSize: { zyx: [2, 0.5, 0.5], unit: "micrometre" },
    name: "test",
    zarr_chunk_shape: [4, 4, 4],
    zarr_shard_shape: [8, 8, 8],
  } as const;
  await saveOmeZarr(volume, options);
  await saveOmeZarr(volume, options);
  const image = await readMultiscales(path);
  assert.deepEqual(
    image.axes.map(({ name, unit }) => [name, unit]),
    [
      ["t", undefined],
      ["c", undefined],
      ["z", "micrometer"],
      ["y", "micrometer"],
      ["x", "micrometer"],
    ],
  );
  assert.deepEqual(image.datasets[0]?.scale, [1, 1, 2, 0.5, 0.5]);
  assert.deepEqual(image.channelNames?.slice(0, 3), ["input 0", "masked 0", "reconstruction 0"]);
  const array = await openArray(join(path, "0"));
  const region = { origin: [0, 5, 0, 0, 0], shape: [1, 1, 4, 8, 16] };
  assert.deepEqual(
    [...(await array.read(region))],
    [...volume.channel(volume.reconstruction, 1, 0).voxels],
  );
});

test("rebuilding leaves no tensor behind", () => {
  const before = liveTensors();
  predictor.rebuild(batchOf());
  assert.equal(liveTensors(), before);
});

test("an error is compared in per cent, below or above", () => {
  assert.equal(comparison(0.25, 1), "75 % below");
  assert.equal(comparison(0.6, 0.4), "50 % above");
});
