import assert from "node:assert/strict";
import { test } from "node:test";
import { op, Tensor } from "@cell-observatory/engine";
import fc from "fast-check";
import { labelObjects } from "../structures/label-objects.ts";
import { crop } from "./crop.ts";
import { randomFlip } from "./flip.ts";
import { probabilisticChoice } from "./probabilistic-choice.ts";
import { resizeTo } from "./resize.ts";
import { randomRotate90 } from "./rotate90.ts";
import { objectsOf, viewsOf } from "./views.fixture.ts";
import { applyTransforms, type Transform, type Views } from "./views.ts";

const size = [6, 8, 8] as const;
const how = { mode: "nearest", place: "random", resizeScale: [0.5, 1] } as const;

/** Boxes that do not overlap, painted with their ids: what moves them must move them alike. */
function painted(rows: readonly (readonly number[])[][]): Views {
  const labels = Tensor.zeros([rows.length, 2, ...size], { dtype: "int32" });
  rows.forEach((boxes, b) => {
    boxes.forEach(([z0 = 0, y0 = 0, x0 = 0, z1 = 0, y1 = 0, x1 = 0], n) => {
      const part = labels
        .select(0, b)
        .narrow(1, z0, z1 - z0)
        .narrow(2, y0, y1 - y0);
      part.narrow(3, x0, x1 - x0).fill_(n + 1);
    });
  });
  const image = labels.to({ dtype: "float32" }).unsqueeze(-1);
  const objects = rows.map((boxes) => {
    const one = objectsOf(...boxes);
    const twice = Float32Array.from([...one.boxes, ...one.boxes]);
    return { ...one, boxes: twice, isPresent: new Uint8Array(2 * boxes.length).fill(1) };
  });
  const valid = Tensor.ones(image.shape, { dtype: "uint8" });
  return viewsOf(image, { labels, objects, valid });
}

/** One box in each half along x, so that none covers another. */
const anyBoxes = fc.tuple(
  ...[0, 4].map((x) =>
    fc
      .tuple(fc.nat(4), fc.nat(6), fc.nat(2), fc.nat(), fc.nat(), fc.nat())
      .map(([z, y, dx, a, b, c]) => {
        const [z1, y1, x1] = [
          z + 1 + (a % (6 - z)),
          y + 1 + (b % (8 - y)),
          x + dx + 1 + (c % (4 - dx)),
        ];
        return [z, y, x + dx, z1, y1, x1];
      }),
  ),
);

const transforms: readonly Transform[] = [
  randomFlip("flip", { axes: ["T", "Z", "Y", "X"] }),
  randomRotate90("rotate", { planes: ["YX", "ZY"] }),
  crop("crop", { ...how, target: [6, 4, 5], axes: "YX", resizeProbability: 0 }),
  crop("crop ZYX", { ...how, target: [3, 4, 5], axes: "ZYX", resizeProbability: 0 }),
  probabilisticChoice("choice", {
    transforms: [randomFlip("flip", { axes: ["Z"] }), randomRotate90("rotate", { planes: ["YX"] })],
    probs: [0.5, 0.5],
  }),
];

for (const transform of transforms) {
  test(`${transform.name}: image, labels, valid voxels and boxes of each sample move alike`, () => {
    fc.assert(
      fc.property(fc.array(anyBoxes, { minLength: 1, maxLength: 3 }), fc.nat(), (rows, seed) => {
        const samples = rows.map((_, b) => b);
        const done = applyTransforms([transform], painted(rows), {
          seed,
          epoch: 0,
          batch: 0,
          samples,
        });
        const labels = done.labels ?? assert.fail();
        assert.deepEqual([...done.image.data()], [...labels.data()]);
        rows.forEach((_, b) => {
          const [T = 0, Z = 0, Y = 0, X = 0] = labels.shape.slice(1);
          const found = labelObjects(labels.select(0, b).contiguous().data() as Int32Array, [
            T,
            Z,
            Y,
            X,
          ]);
          const moved = done.objects?.[b] ?? assert.fail();
          assert.deepEqual([...moved.ids], [...found.ids]);
          assert.deepEqual(
            [...moved.labels],
            [...found.ids].map((id) => id + 9),
          );
          assert.deepEqual([...moved.boxes], [...found.boxes]);
          assert.deepEqual([...moved.isPresent], [...found.isPresent]);
        });
      }),
      { numRuns: 60 },
    );
  });
}

/** Each voxel's place along an axis, as an image and as labels (from 1). */
function coordinates(axis: number, count: number): Views {
  const shape = [1, 1, 1, 1, 1];
  shape[axis] = count;
  const image = Tensor.arange(count)
    .to({ dtype: "float32" })
    .reshape([...shape, 1]);
  const labels = Tensor.from(
    Int32Array.from({ length: count }, (_, i) => i + 1),
    { shape },
  );
  return viewsOf(image, { labels, valid: Tensor.ones(image.shape, { dtype: "uint8" }) });
}

for (const [mode, alignCorners, most] of [
  ["trilinear", false, 0.5],
  ["trilinear", true, 0.5],
  ["area", false, 1], // the mean of whole voxels lies up to half of one beside
  ["nearest", false, 0],
] as const) {
  const aligned = alignCorners ? " with aligned corners" : "";
  test(`resized by ${mode}${aligned}, labels lie where the image does`, () => {
    const sizes = fc.integer({ min: 1, max: 200 });
    const check = (axis: number, from: number, to: number) => {
      const size = [2, 3, 4].map((a) => (a === axis ? to : 1)) as [number, number, number];
      const how = { mode, alignCorners, cropToValid: false } as const;
      const done = resizeTo(coordinates(axis, from), size, how);
      const labels = (done.labels ?? assert.fail()).data();
      done.image.data().forEach((place, i) => {
        const off = Math.abs(Number(labels[i]) - 1 - Number(place));
        assert.ok(
          off <= most + 1e-4,
          `${from} -> ${to}: voxel ${i} is ${place}, its label ${labels[i]}`,
        );
      });
    };
    check(4, 198, 174); // where float32 takes another voxel than whole numbers do
    fc.assert(fc.property(fc.constantFrom(2, 3, 4), sizes, sizes, check), { numRuns: 60 });
  });
}

test("resized by a whole factor, boxes are those of the resized labels", () => {
  const views = painted([[[1, 2, 3, 4, 6, 8]]]);
  const done = resizeTo(views, [12, 16, 24], { mode: "nearest", cropToValid: true });
  const labels = done.labels ?? assert.fail();
  const found = labelObjects(labels.data() as Int32Array, [2, 12, 16, 24]);
  assert.deepEqual([...(done.objects?.[0]?.boxes ?? [])], [...found.boxes]);
  assert.deepEqual(done.validSizes, [[2, 12, 16, 24]]);
});

test("padding stays at the far end, whatever is mirrored, turned or cut", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...transforms),
      fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: size[0] }),
        fc.integer({ min: 1, max: size[1] }),
        fc.integer({ min: 1, max: size[2] }),
      ),
      fc.nat(),
      (transform, [t, z, y, x], seed) => {
        const image = Tensor.zeros([1, 2, ...size, 1]);
        image.narrow(1, 0, t).narrow(2, 0, z).narrow(3, 0, y).narrow(4, 0, x).fill_(1);
        const valid = image.to({ dtype: "uint8" });
        const validSizes = [[t, z, y, x] as const];
        const place = { seed, epoch: 0, batch: 0, samples: [0] };
        const done = applyTransforms([transform], viewsOf(image, { valid, validSizes }), place);
        const [a, b, c, d] = done.validSizes[0] ?? assert.fail();
        const inside = done.image.narrow(1, 0, a).narrow(2, 0, b).narrow(3, 0, c).narrow(4, 0, d);
        assert.equal(Number(inside.sum().item()), a * b * c * d);
        assert.equal(Number(done.image.sum().item()), a * b * c * d);
        assert.deepEqual([...(done.valid ?? assert.fail()).data()], [...done.image.data()]);
      },
    ),
    { numRuns: 200 },
  );
});

test("crop takes just the target's voxels, crop_resize a larger part (fault 17 of the reference)", () => {
  const image = Tensor.arange(16 * 32 * 32).reshape([1, 1, 16, 32, 32, 1]);
  const options = { mode: "nearest", place: "start", target: [8, 8, 8], axes: "ZYX" } as const;
  const place = { seed: 0, epoch: 0, batch: 0, samples: [0] };
  const at = (resizeProbability: number) =>
    applyTransforms(
      [crop("c", { ...options, resizeProbability, resizeScale: [0.5, 0.5] })],
      viewsOf(image),
      place,
    ).image;
  const [cut, resized] = [at(0), at(1)];
  assert.equal(Number(cut.select(4, 7).select(3, 7).select(2, 7).item()), 7 * 1024 + 7 * 32 + 7);
  assert.equal(
    Number(resized.select(4, 7).select(3, 7).select(2, 7).item()),
    7 * 1024 + 14 * 32 + 14,
  );
});

test("each sample of a batch is cut at a place of its own (fault 17 of the reference)", () => {
  const image = Tensor.arange(32).reshape([1, 1, 1, 1, 32, 1]).expand([64, 1, 1, 1, 32, 1]);
  const options = { ...how, target: [1, 1, 4], axes: "ZYX", resizeProbability: 0 } as const;
  const samples = Array.from({ length: 64 }, (_, i) => i);
  const done = applyTransforms([crop("c", options)], viewsOf(image.contiguous()), {
    seed: 1,
    epoch: 0,
    batch: 0,
    samples,
  });
  const starts = new Set([...done.image.select(4, 0).data()].map(Number));
  assert.ok(starts.size > 20 && Math.min(...starts) >= 0, `${[...starts]}`);
  assert.ok(Math.max(...starts) <= 28);
});

test("a crop of a sample that is too small resizes it first; one of other planes is refused", () => {
  const options = { ...how, mode: "trilinear", axes: "YX", resizeProbability: 0 } as const;
  const views = viewsOf(Tensor.rand([1, 1, 4, 6, 20, 1]));
  const place = { seed: 0, epoch: 0, batch: 0, samples: [0] };
  const done = applyTransforms([crop("c", { ...options, target: [4, 8, 8] })], views, place);
  assert.deepEqual(done.image.shape, [1, 1, 4, 8, 8, 1]);
  const act = () => applyTransforms([crop("c", { ...options, target: [2, 8, 8] })], views, place);
  assert.throws(act, /2 planes wanted, and there are 4/);
});

test("planes of unequal sides are turned by 180 degrees or not at all", () => {
  const image = Tensor.arange(32 * 12).reshape([32, 1, 1, 3, 4, 1]);
  const samples = Array.from({ length: 32 }, (_, i) => i);
  const turn = randomRotate90("turn", { planes: ["YX"] });
  const done = applyTransforms([turn], viewsOf(image), {
    seed: 0,
    epoch: 0,
    batch: 0,
    samples,
  }).image;
  const turned = samples.filter((b) => {
    const [before, after] = [image.select(0, b), done.select(0, b)];
    const same = Number(after.sub(before).abs().amax().item()) === 0;
    assert.ok(
      same ||
        Number(
          after
            .sub(before.flip([2, 3]))
            .abs()
            .amax()
            .item(),
        ) === 0,
    );
    return !same;
  });
  assert.ok(turned.length > 5 && turned.length < 27);
});

test("a choice that adds no noise leaves the clean image the image itself", () => {
  const choice = probabilisticChoice("choice", {
    transforms: [randomFlip("flip", { axes: ["Z"] }), randomRotate90("rotate", { planes: ["YX"] })],
    probs: [0.5, 0.5],
  });
  const image = Tensor.rand([8, 1, 4, 4, 4, 1]);
  const place = { seed: 0, epoch: 0, batch: 0, samples: [0, 1, 2, 3, 4, 5, 6, 7] };
  const done = applyTransforms([choice], viewsOf(image, { clean: image }), place);
  assert.equal(done.clean, done.image);
});

test("a choice takes each transform as often as its probability says, for each sample on its own", () => {
  const add = (value: number): Transform => ({
    name: `add ${value}`,
    apply: (views) => ({ ...views, image: op("aten::add.Scalar")(views.image, value) }),
  });
  const samples = Array.from({ length: 2000 }, (_, i) => i);
  const choice = probabilisticChoice("choice", {
    transforms: [add(1), add(2), add(3)],
    probs: [0.2, 0, 0.8],
  });
  const image = Tensor.zeros([2000, 1, 1, 1, 1, 1]);
  const done = applyTransforms([choice], viewsOf(image), { seed: 0, epoch: 0, batch: 0, samples });
  const values = [...done.image.data()].map(Number);
  const ones = values.filter((value) => value === 1).length;
  assert.ok(
    !values.includes(2) && Math.abs(ones - 400) < 5 * Math.sqrt(2000 * 0.2 * 0.8),
    `${ones}`,
  );
});
