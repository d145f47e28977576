import assert from "node:assert/strict";
import { test } from "node:test";
import { cat, liveTensors, scope, Tensor } from "@cell-observatory/engine";
import fc from "fast-check";
import type { Origin } from "../sample.ts";
import type { ZYX } from "../structures/boxes.ts";
import { transformsOf } from "./build-transforms.ts";
import { convolvePsf } from "./convolve-psf.ts";
import { crop } from "./crop.ts";
import { resize } from "./resize.ts";
import { validPart } from "./rows.ts";
import { viewsOf } from "./views.fixture.ts";
import { applyTransforms, type Transform, type Views } from "./views.ts";

const size = [6, 8, 8] as const;
const place = { seed: 0, epoch: 0, batch: 0, samples: [0] };

/** A row of 100s, measured as far as `valid`, without one voxel in the middle that was not read. */
function constant(valid: Origin, unread: ZYX | null): Views {
  const image = Tensor.zeros([1, 2, ...size, 1]);
  validPart(image.select(0, 0), valid).fill_(100);
  if (unread !== null) {
    const [z, y, x] = unread;
    image.narrow(2, z, 1).narrow(3, y, 1).narrow(4, x, 1).fill_(0);
  }
  const mask = image.mul(0.01).to({ dtype: "uint8" });
  return viewsOf(image, { clean: image, valid: mask, validSizes: [valid] });
}

const psf = Tensor.from(
  Float32Array.from({ length: 27 }, (_, i) => 1 + ((i * 7) % 5)),
  {
    shape: [3, 3, 3],
  },
);
const boxed = { place: "random", axes: "ZYX", resizeScale: [0.6, 1] } as const;
const resized = (["trilinear", "area", "nearest"] as const).flatMap(
  (mode): readonly (readonly [string, Transform])[] => [
    [
      `resize ${mode}`,
      resize("r", {
        mode,
        target: [
          [3, 3, 3],
          [12, 13, 16],
        ],
        cropToValid: false,
      }),
    ],
    [
      `resize ${mode} of the valid part`,
      resize("r", {
        mode,
        target: [
          [3, 3, 3],
          [12, 13, 16],
        ],
        cropToValid: true,
      }),
    ],
    [`crop_resize ${mode}`, crop("c", { ...boxed, mode, target: [3, 4, 5], resizeProbability: 1 })],
    [
      `crop ${mode} of a larger target`,
      crop("c", { ...boxed, mode, target: [9, 8, 5], resizeProbability: 0 }),
    ],
  ],
);
const blur = convolvePsf("b", { psf, padding: "reflect", scale: [1, 1, 1] });
const aligned = resize("r", {
  mode: "trilinear",
  alignCorners: true,
  target: [
    [3, 3, 3],
    [12, 13, 16],
  ],
  cropToValid: false,
});

for (const [name, transform] of [
  ...resized,
  ["resize with aligned corners", aligned],
  ["blur", blur],
] as const) {
  test(`${name}: what was not measured is mixed into no voxel that counts`, () => {
    fc.assert(
      fc.property(
        fc.tuple(
          fc.integer({ min: 1, max: 2 }),
          fc.integer({ min: 2, max: size[0] }),
          fc.integer({ min: 2, max: size[1] }),
          fc.integer({ min: 2, max: size[2] }),
        ),
        fc.option(fc.tuple(fc.nat(5), fc.nat(7), fc.nat(7))),
        fc.nat(),
        (valid, unread, seed) => {
          scope(() => {
            const done = applyTransforms([transform], constant(valid, unread), { ...place, seed });
            const flags = (done.valid ?? assert.fail()).data();
            for (const image of [done.image, done.clean ?? assert.fail()]) {
              image.data().forEach((value, i) => {
                if (flags[i] === 1) assert.ok(Math.abs(Number(value) - 100) < 1e-2, `${value}`);
              });
            }
            assert.ok(flags.some((flag) => flag === 1));
          });
        },
      ),
      { numRuns: 60 },
    );
  });
}

test("with nothing beyond its border, an image darkens at its own end, padded or not", () => {
  const dark = convolvePsf("b", { psf, padding: "zero", scale: [1, 1, 1] });
  const padded = applyTransforms([dark], constant([2, 6, 8, 5], null), place);
  const alone = applyTransforms([dark], viewsOf(Tensor.full([1, 2, 6, 8, 5, 1], 100)), place);
  const difference = padded.image.narrow(4, 0, 5).sub(alone.image).abs().amax().item();
  assert.ok(Number(difference) < 1e-2, `${difference}`);
});

test("a row without padding comes out the same whoever else is in its batch", () => {
  const whole = Tensor.rand([1, 2, ...size, 1]);
  const target = [9, 5, 11] as const;
  const options = { mode: "trilinear", target, cropToValid: false } as const;
  const alone = applyTransforms([resize("r", options)], viewsOf(whole), place).image;
  const both = cat([whole, Tensor.zeros(whole.shape)], 0);
  const valid = Tensor.ones(both.shape, { dtype: "uint8" });
  valid.narrow(0, 1, 1).narrow(4, 3, 5).fill_(0);
  const views = viewsOf(both, {
    valid,
    validSizes: [
      [2, ...size],
      [2, 6, 8, 3],
    ],
  });
  const done = applyTransforms([resize("r", options)], views, { ...place, samples: [0, 1] }).image;
  assert.deepEqual(done.narrow(0, 0, 1).contiguous().data(), alone.data());
});

test("blurring images of many sizes keeps the spectra of a few", () => {
  const transform = convolvePsf("b", { psf, padding: "zero", scale: [1, 1, 1] });
  const blurred = (n: number) =>
    scope(() => applyTransforms([transform], viewsOf(Tensor.ones([1, 1, 4, 4, n, 1])), place));
  for (let n = 4; n < 40; n++) blurred(n).image.release();
  const before = liveTensors();
  for (let n = 40; n < 300; n += 3) blurred(n).image.release();
  assert.ok(liveTensors() - before <= 2, `${liveTensors() - before} more`);
});

test("frames that are padding are the last measured one again, as the model sees it", () => {
  const config = {
    normalize: "zscore",
    eps: 1e-4,
    percentile_low: 1,
    percentile_high: 99,
  } as const;
  const list = transformsOf({ ...config, flip: ["T", "X"], transforms_list: null });
  const image = Tensor.rand([3, 4, 2, 3, 5, 1]);
  const valid = Tensor.ones(image.shape, { dtype: "uint8" });
  const validSizes = [4, 3, 1].map((t): Origin => [t, 2, 3, 5]);
  validSizes.forEach(([t], b) => {
    if (t < 4)
      valid
        .select(0, b)
        .narrow(0, t, 4 - t)
        .fill_(0);
  });
  for (let seed = 0; seed < 8; seed++) {
    const views = viewsOf(image, { clean: image, valid, validSizes });
    const done = applyTransforms(list, views, { ...place, seed, samples: [0, 1, 2] });
    assert.equal(done.clean, done.image);
    validSizes.forEach(([t], b) => {
      const frames = [0, 1, 2, 3].map((at) => [
        ...done.image.select(0, b).select(0, at).contiguous().data(),
      ]);
      for (let at = t; at < 4; at++) assert.deepEqual(frames[at], frames[t - 1]);
      assert.notDeepEqual(frames[0], new Array(30).fill(0));
      if (t > 1) assert.notDeepEqual(frames[t - 1], frames[t - 2]);
    });
  }
});
