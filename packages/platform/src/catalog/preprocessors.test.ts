import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { liveTensors, scope } from "@cell-observatory/engine";
import { batchWith } from "../../test/support/batch-with.ts";
import { composeRun } from "../config/index.ts";
import { type Batch, maskGenerator } from "../data/index.ts";
import { tokenGrid } from "../nn/index.ts";
import { buildPreprocessor } from "./preprocessors.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-preprocessors-"));
after(() => rmSync(folder, { recursive: true }));
const psf = join(folder, "psf.npy");
writeFileSync(psf, gaussianNpy([8, 16, 16]));

/** A volume in NumPy's format, version 1.0: a bell in the middle. */
function gaussianNpy(shape: readonly [number, number, number]): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const padded = `${header.padEnd(117)}\n`;
  const voxels = new Float32Array(shape[0] * shape[1] * shape[2]);
  voxels.forEach((_, i) => {
    const at = [
      Math.floor(i / (shape[1] * shape[2])),
      Math.floor(i / shape[2]) % shape[1],
      i % shape[2],
    ];
    const r2 = at.reduce((sum, p, a) => sum + (p - Math.floor((shape[a] ?? 0) / 2)) ** 2, 0);
    voxels[i] = Math.exp(-r2 / 4);
  });
  const length = Buffer.from([padded.length & 255, padded.length >> 8]);
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    length,
    Buffer.from(padded),
    Buffer.from(voxels.buffer),
  ]);
}

const whole = [2, 8, 16, 16] as const;
function batch(channels: number): Batch {
  const voxels = new Uint16Array(new SharedArrayBuffer(2 * 2 * 2 * 8 * 16 * 16 * channels));
  voxels.forEach((_, i) => {
    voxels[i] = 500 + ((i * 7919) % 997);
  });
  const labelMap = new Int32Array(new SharedArrayBuffer(4 * 2 * 2 * 8 * 16 * 16));
  labelMap.forEach((_, i) => {
    const x = i % 16;
    labelMap[i] = x < 2 ? 0 : x < 9 ? 3 : 8;
  });
  const box = (x0: number, x1: number) => [0, 0, x0, 8, 16, x1];
  const targets = {
    ids: Int32Array.of(3, 8),
    labels: Int32Array.of(1, 0),
    boxes: Float32Array.from([box(2, 9), box(9, 16), box(2, 9), box(9, 16)].flat()),
    isPresent: Uint8Array.of(1, 1, 1, 1),
    boxFormat: "zyxzyx",
    isNormalized: false,
  } as const;
  return batchWith({
    voxels,
    shape: [2, ...whole, channels],
    sampleIds: ["a", "b"],
    labelMap,
    targets: [targets, targets],
  });
}

function prepared(option: string, channels = 2, ...overrides: readonly string[]) {
  return preparedFrom(batch(channels), option, channels, ...overrides);
}

async function preparedFrom(
  given: Batch,
  option: string,
  channels: number,
  ...overrides: readonly string[]
) {
  const { config } = composeRun({
    configName: "test_pretrain_4d_mae_local",
    overrides: [
      `datasets/preprocessor=${option}`,
      `datasets.input_shape=[2,8,16,16,${channels}]`,
      "datasets.patch_shape=[1,4,4,4]",
      `models.meta_arch.mae.input_shape=[2,8,16,16,${channels}]`,
      ...overrides,
    ],
    configDirs: [],
    env: { DATA_DIR: folder, PSF_PATH: psf },
  });
  const { datasets } = config;
  const { input_shape, train_shape = input_shape, patch_shape, transforms } = datasets;
  const grid = tokenGrid({ input_fmt: "TZYXC", input_shape: train_shape, patch_shape });
  const prepare = await buildPreprocessor(datasets.preprocessor, {
    layout: "TZYXC",
    device: "cpu",
    seed: 0,
    maskGenerator: maskGenerator(datasets.masking, grid),
    grid,
    collated: transforms?.transforms_list ?? [],
  });
  return prepare(given);
}

const video = [2, 2, 8, 16, 16, 2];
const patches = [2, 64, 128];

for (const [option, wanted] of [
  ["ray_preprocessor", { video }],
  ["torch_preprocessor", { video }],
  [
    "channel_split_preprocessor",
    { video: [2, 2, 8, 16, 16, 1], target: video, target_BNP: patches },
  ],
  ["denoising_preprocessor", { video, target: video, target_BNP: patches }],
  ["upsample_space_preprocessor", { video, target: video, target_BNP: patches, masks: null }],
  ["upsample_spacetime_preprocessor", { video, target: video, target_BNP: patches }],
  ["semantic_segmentation_preprocessor", { video, classes: [2, 2, 8, 16, 16] }],
] as const) {
  test(`${option} is built from its config, and gives what it says`, async () => {
    const out = await prepared(option);
    for (const [name, shape] of Object.entries(wanted)) {
      const found = out[name as keyof typeof out] as { shape: readonly number[] } | null;
      assert.deepEqual(found?.shape ?? null, shape, name);
    }
  });
}

test("upsample_time hides whole frames, and has no target", async () => {
  const out = await prepared(
    "upsample_time_preprocessor",
    2,
    "datasets/masking=mask_generator_blocked_patterned",
  );
  assert.ok("masks" in out && out.masks !== null && out.target === null);
  assert.deepEqual(
    [...out.masks.hidden_BM.select(0, 0).data()].map(Number),
    Array.from({ length: 32 }, (_, i) => 32 + i),
  );
});

test("instance segmentation has a box, an id, a class and a mask for each object", async () => {
  const out = await prepared("instance_segmentation_preprocessor");
  assert.ok("objects" in out && out.objects !== null);
  const [first] = out.objects;
  assert.deepEqual([...(first?.mask_ids.data() ?? [])].map(Number), [3, 8]);
  assert.deepEqual([...(first?.labels.data() ?? [])].map(Number), [1, 0]);
  assert.deepEqual(
    [...(first?.boxes.select(0, 0).data() ?? [])],
    [5.5, 8, 4, 7, 16, 8, 12.5, 8, 4, 7, 16, 8],
  );
  assert.deepEqual(first?.masks?.shape, [2, 2, 8, 16, 16]);
  assert.equal(Number(first?.masks?.select(0, 1).sum().item()), 2 * 8 * 16 * 7);
});

test("a row without objects has tensors of none", async () => {
  const given = batch(2);
  given.labelMap?.fill(-1, given.labelMap.length / 2);
  const out = await preparedFrom(given, "instance_segmentation_preprocessor", 2);
  assert.ok("objects" in out && out.objects !== null);
  const [first, second] = out.objects;
  assert.deepEqual(first?.boxes.shape, [2, 2, 6]);
  assert.deepEqual([second?.boxes.shape, second?.mask_ids.shape], [[2, 0, 6], [0]]);
  assert.deepEqual(second?.masks?.shape, [0, 2, 8, 16, 16]);
});

test("object detection has boxes, and no masks", async () => {
  const out = await prepared(
    "object_detection_preprocessor",
    2,
    "++datasets.preprocessor.normalize_bboxes=true",
  );
  assert.ok("objects" in out && out.objects !== null);
  assert.equal(out.objects[0]?.masks, null);
  const boxes = [...(out.objects[0]?.boxes.select(0, 0).select(0, 0).data() ?? [])].map(Number);
  const normal = [5.5 / 16, 8 / 16, 4 / 8, 7 / 16, 1, 1];
  boxes.forEach((value, i) => {
    assert.ok(Math.abs(value - (normal[i] ?? 0)) < 1e-6);
  });
});

test("semantic classes: boundary beside another object, foreground within, background", async () => {
  const out = await prepared("semantic_segmentation_preprocessor");
  assert.ok("classes" in out && out.classes !== null);
  const row = [...out.classes.data().slice(0, 16)].map(Number);
  assert.deepEqual(row, [0, 0, 1, 2, 2, 2, 2, 2, 1, 1, 2, 2, 2, 2, 2, 2]);
});

test("semantic classes of objects are theirs, counted from 1", async () => {
  const out = await prepared(
    "semantic_segmentation_preprocessor",
    2,
    "++datasets.preprocessor.semantic_classes=[nucleus,spindle]",
  );
  assert.ok("classes" in out && out.classes !== null);
  const row = [...out.classes.data().slice(0, 16)].map(Number);
  assert.deepEqual(row, [0, 0, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1]);
});

test("an object that ends where nothing is known is no boundary there, as at a sample's end", async () => {
  const given = batch(2);
  given.labelMap?.forEach((_, i, map) => {
    if (i % 16 >= 14) map[i] = -1;
  });
  const out = await preparedFrom(given, "semantic_segmentation_preprocessor", 2);
  assert.ok("classes" in out && out.classes !== null);
  const row = [...out.classes.data().slice(0, 16)].map(Number);
  assert.deepEqual(row, [0, 0, 1, 2, 2, 2, 2, 2, 1, 1, 2, 2, 2, 2, -1, -1]);
});

test("a class that has no name is refused", async () => {
  const names = "++datasets.preprocessor.semantic_classes=[nucleus]";
  await assert.rejects(prepared("semantic_segmentation_preprocessor", 2, names), {
    code: "DATA_LABELS",
    message: /^instance 3 of sample a is of class 1, counted from 0, and there are 1: nucleus$/,
  });
});

test("a mixture is the mean of the channels that the image has", async () => {
  const given = batch(2);
  given.voxels.forEach((_, i) => {
    const isOfSecond = i >= given.voxels.length / 2;
    given.voxels[i] = isOfSecond && i % 2 === 1 ? 0 : 600 + 100 * (i % 2);
  });
  const out = await preparedFrom(
    { ...given, validChannels: [2, 1] },
    "channel_split_preprocessor",
    2,
    "datasets.preprocessor.normalize=none",
  );
  const means = [0, 1].map((row) => Number(out.video.select(0, row).mean().item()));
  assert.deepEqual(means, [650, 600]);
});

for (const [option, override, sentence] of [
  [
    "denoising_preprocessor",
    "++datasets.preprocessor.transforms_list=[{kind: normalize}]",
    /denoising needs noise/,
  ],
  [
    "upsample_space_preprocessor",
    "++datasets.preprocessor.ideal_psf_path=null",
    /upsample_space needs .*ideal_psf_path/,
  ],
  [
    "upsample_space_preprocessor",
    "++datasets.preprocessor.na_mask_thresholds=[]",
    /needs .*na_mask_thresholds/,
  ],
] as const) {
  test(`${option} with ${override} is refused in words`, async () => {
    await assert.rejects(prepared(option, 2, override), sentence);
  });
}

test("a transform that ends in other sizes than the model sees is refused, by the sizes", async () => {
  const list =
    "++datasets.preprocessor.transforms_list=[{kind: normalize},{kind: crop,target_spatial_shape: [8,8,8]}]";
  await assert.rejects(
    prepared("ray_preprocessor", 2, list),
    /sees \[8,16,16\] \(Z Y X\), and the transforms end in \[8,8,8\]/,
  );
});

const cropped = [
  "datasets.train_shape=[2,8,8,8,2]",
  "models.meta_arch.mae.input_shape=[2,8,8,8,2]",
];
const crop = "{kind: crop, target_spatial_shape: [8,8,8], crop_dims: YX, crop_type: center}";

test("datasets.transforms come first, and move labels and boxes as the preprocessor's own do", async () => {
  const option = "instance_segmentation_preprocessor";
  const collated = await prepared(
    option,
    2,
    ...cropped,
    "datasets/transforms=transforms",
    `datasets.transforms.transforms_list=[${crop}]`,
    "++datasets.preprocessor.transforms_list=[{kind: normalize}]",
  );
  const own = await prepared(
    option,
    2,
    ...cropped,
    `++datasets.preprocessor.transforms_list=[${crop},{kind: normalize}]`,
  );
  assert.ok("objects" in collated && collated.objects && "objects" in own && own.objects);
  assert.deepEqual(collated.video.shape, [2, 2, 8, 8, 8, 2]);
  assert.deepEqual(collated.video.data(), own.video.data());
  const boxes = collated.objects.map((row) => [...row.boxes.data()].map(Number));
  assert.deepEqual(
    boxes,
    own.objects.map((row) => [...row.boxes.data()].map(Number)),
  );
  assert.deepEqual(boxes[0]?.slice(0, 12), [2.5, 4, 4, 5, 8, 8, 6.5, 4, 4, 3, 8, 8]);
  assert.deepEqual(collated.objects[0]?.label_map?.data(), own.objects[0]?.label_map?.data());
});

test("what is drawn while a batch is collated is drawn for each sample, and from the run's seed", async () => {
  const list = (path: string) => `${path}.transforms_list=[{kind: flip, axes: [Z, Y, X]}]`;
  const turned = async (path: string) => {
    const out = await prepared("ray_preprocessor", 2, "datasets/transforms=transforms", path);
    return out.video.data();
  };
  assert.deepEqual(
    await turned(list("datasets.transforms")),
    await turned(list("datasets.transforms")),
  );
  assert.notDeepEqual(
    await turned(list("datasets.transforms")),
    (await prepared("ray_preprocessor", 2)).video.data(),
  );
});

test("sizes are followed through both lists, and samples are normalised by the preprocessor", async () => {
  const collated = [
    "datasets/transforms=transforms",
    `datasets.transforms.transforms_list=[${crop}]`,
  ];
  await assert.rejects(
    prepared("ray_preprocessor", 2, ...collated),
    /sees \[8,16,16\] \(Z Y X\), and the transforms end in \[8,8,8\]/,
  );
  const list = "datasets.transforms.transforms_list=[{kind: normalize}]";
  await assert.rejects(
    prepared("ray_preprocessor", 2, "datasets/transforms=transforms", list),
    /samples are normalised once, by datasets.preprocessor/,
  );
});

test("a point spread function of the list is read first, and blurs", async () => {
  const um = "input_pixel_size_um: [1,1,1], psf_pixel_size_um: [0.5,0.5,0.5]";
  const spread = async (more: string) => {
    const { video } = await prepared(
      "ray_preprocessor",
      1,
      "datasets.preprocessor.normalize=none",
      `++datasets.preprocessor.transforms_list=[${more}]`,
    );
    return Number(
      video
        .narrow(4, 1, 15)
        .sub(video.narrow(4, 0, 15))
        .abs()
        .mean()
        .item(),
    );
  };
  const [sharp, blurred] = [
    await spread(""),
    await spread(`{kind: convolve_psf, psf: ${psf}, ${um}}`),
  ];
  assert.ok(blurred < 0.8 * sharp, `${blurred}, ${sharp}`);
});

test("a batch leaves no tensor behind", async () => {
  const before = liveTensors();
  const { config } = composeRun({
    configName: "test_pretrain_4d_mae_local",
    overrides: [],
    configDirs: [],
    env: { DATA_DIR: folder },
  });
  const grid = tokenGrid({
    input_fmt: "TZYXC",
    input_shape: [2, 8, 16, 16, 2],
    patch_shape: [1, 4, 4, 4],
  });
  const list = [
    { kind: "crop", crop_dims: "ZYX", target_spatial_shape: [8, 16, 16] },
    { kind: "rotate90", planes: ["YX"] },
    { kind: "intensity", factor: [0.5, 2], offset: [0, 10] },
    { kind: "noise" },
    { kind: "normalize" },
  ];
  const overrides = [
    "datasets.train_shape=[4,8,16,16,1]",
    "datasets.patch_shape=[1,4,4,4]",
    "models.meta_arch.mae.input_shape=[4,8,16,16,1]",
    `++datasets.preprocessor.transforms_list=${JSON.stringify(list).replaceAll('"', "")}`,
  ];
  const run = composeRun({
    configName: "test_pretrain_4d_mae_local",
    overrides,
    configDirs: [],
    env: { DATA_DIR: folder },
  }).config;
  const { datasets } = run;
  const prepare = await buildPreprocessor(datasets.preprocessor, {
    layout: "TZYXC",
    device: "cpu",
    seed: config.seed,
    maskGenerator: maskGenerator(datasets.masking, grid),
    grid,
  });
  scope(() => void prepare(batch(2)));
  assert.equal(liveTensors(), before);
});
