import assert from "node:assert/strict";
import { test } from "node:test";
import { type HiddenGrid, hiddenError } from "./hidden-grid.ts";
import { interpolate } from "./interpolation.ts";
import { visibleMean } from "./visible-mean.ts";

const sizes = [8, 12, 10] as const;
const [Z, Y, X] = sizes;

function grid(value: (z: number, y: number, x: number) => number): HiddenGrid {
  const voxels = new Float32Array(Z * Y * X);
  const isHidden = new Uint8Array(Z * Y * X);
  for (let i = 0; i < voxels.length; i++) {
    const [z, y, x] = [Math.floor(i / (Y * X)), Math.floor(i / X) % Y, i % X];
    voxels[i] = value(z, y, x);
    isHidden[i] = Number(z > 1 && z < 6 && y > 2 && y < 9 && x > 2 && x < 7);
  }
  return { voxels, isHidden, sizes };
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
  assert.ok(hiddenError(sample, interpolate(sample)) < 1e-8);
  assert.ok(hiddenError(sample, visibleMean(sample)) > 1);
});

test("interpolation goes on until it is through, also across a wide hole", () => {
  const sizes = [4, 80];
  const voxels = Float32Array.from({ length: 320 }, (_, i) => (i % 80) / 80);
  const isHidden = Uint8Array.from({ length: 320 }, (_, i) => Number(i % 80 > 0 && i % 80 < 79));
  const sample = { voxels, isHidden, sizes };
  assert.ok(
    hiddenError(sample, interpolate(sample)) < 1e-4 * hiddenError(sample, visibleMean(sample)),
  );
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
  assert.equal(hiddenError(sample, guess), 0.25);
});
