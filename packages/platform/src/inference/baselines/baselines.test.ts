import assert from "node:assert/strict";
import { test } from "node:test";
import { type HiddenGrid, hiddenError } from "./hidden-grid.ts";
import { interpolate } from "./interpolation.ts";
import { visibleMean } from "./visible-mean.ts";

const sizes = [8, 12, 10] as const;
const [Z, Y, X] = sizes;

/** The mean squared error over the hidden voxels. */
function errorOf(sample: HiddenGrid, guess: Float32Array): number {
  const { sum, count } = hiddenError(sample, guess);
  return sum / count;
}

function grid(value: (z: number, y: number, x: number) => number): HiddenGrid {
  const voxels = new Float32Array(Z * Y * X);
  const isHidden = new Uint8Array(Z * Y * X);
  for (let i = 0; i < voxels.length; i++) {
    const [z, y, x] = [Math.floor(i / (Y * X)), Math.floor(i / X) % Y, i % X];
    voxels[i] = value(z, y, x);
    isHidden[i] = Number(z > 1 && z < 6 && y > 2 && y < 9 && x > 2 && x < 7);
  }
  return { voxels, isHidden, isMeasured: null, sizes };
}

test("the visible mean fills every hidden voxel with the mean of the others", () => {
  const sample = grid((z) => (z === 0 ? 3 : 1));
  const guess = visibleMean(sample);
  const visible = sample.voxels.filter((_, i) => sample.isHidden[i] === 0);
  const mean = visible.reduce((a, b) => a + b, 0) / visible.length;
  const hidden = guess.filter((_, i) => sample.isHidden[i] !== 0);
  assert.ok(hidden.every((value) => Math.abs(value - mean) < 1e-6));
});

test("interpolation finds a linear ramp again, which the mean does not", () => {
  const sample = grid((z, y, x) => 2 * z - y + 0.5 * x);
  assert.ok(errorOf(sample, interpolate(sample)) < 1e-8);
  assert.ok(errorOf(sample, visibleMean(sample)) > 1);
});

test("interpolation goes on until it is through, also across a wide hole", () => {
  const sizes = [4, 80];
  const voxels = Float32Array.from({ length: 320 }, (_, i) => (i % 80) / 80);
  const isHidden = Uint8Array.from({ length: 320 }, (_, i) => Number(i % 80 > 0 && i % 80 < 79));
  const sample = { voxels, isHidden, isMeasured: null, sizes };
  assert.ok(errorOf(sample, interpolate(sample)) < 1e-4 * errorOf(sample, visibleMean(sample)));
});

test("interpolation leaves visible voxels as they are, and stays within their range", () => {
  const sample = grid((z, y, x) => Math.sin(z + 2 * y + 3 * x));
  const guess = interpolate(sample);
  guess.forEach((value, i) => {
    if (sample.isHidden[i] === 0) assert.equal(value, sample.voxels[i]);
    assert.ok(Math.abs(value) <= 1);
  });
});

test("the error counts hidden voxels only", () => {
  const sample = grid(() => 1);
  const guess = sample.voxels.map((value, i) => (sample.isHidden[i] === 0 ? 100 : value + 0.5));
  assert.equal(errorOf(sample, guess), 0.25);
});

test("what was not measured is no part of a guess, and no guess is asked for it", () => {
  const measured = grid((z, y, x) => 2 * z - y + 0.5 * x);
  const isMeasured = Uint8Array.from(measured.voxels, (_, i) => Number(i % X < 5));
  const voxels = measured.voxels.map((value, i) => (isMeasured[i] === 1 ? value : 1e6));
  const sample = { ...measured, voxels, isMeasured };
  const { count } = hiddenError(sample, voxels);
  assert.equal(count, 4 * 6 * 2);
  assert.ok(visibleMean(sample).every((value, i) => isMeasured[i] === 0 || value < 100));
  const part = <A extends Float32Array | Uint8Array>(array: A) =>
    array.filter((_, i) => i % X < 5) as A;
  const alone = {
    voxels: part(measured.voxels),
    isHidden: part(measured.isHidden),
    isMeasured: null,
    sizes: [Z, Y, 5],
  };
  assert.ok(
    Math.abs(errorOf(sample, interpolate(sample)) - errorOf(alone, interpolate(alone))) < 1e-6,
  );
});

test("a sample of which nothing was measured weighs nothing", () => {
  const nothing = { ...grid(() => 3), isMeasured: new Uint8Array(Z * Y * X) };
  assert.deepEqual(hiddenError(nothing, interpolate(nothing)), { sum: 0, count: 0 });
});
