import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator, scope, Tensor } from "@cell-observatory/engine";
import { drawPoisson, manyEvents } from "./draw-poisson.ts";

/** Mean, variance and third central moment. */
function moments(values: Float32Array): readonly [number, number, number] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const central = (k: number) =>
    values.reduce((sum, v) => sum + (v - mean) ** k, 0) / values.length;
  return [mean, central(2), central(3)];
}

const count = 400_000;
for (const mean of [0, 0.3, 5, 63.9, 64, 200, 5000, 60000]) {
  test(`Poisson numbers of mean ${mean} are whole, with its mean and its variance`, () => {
    scope(() => {
      const drawn = drawPoisson(Tensor.full([count], mean), new Generator(7));
      const values = drawn.data() as Float32Array;
      assert.ok(values.every((v) => Number.isInteger(v) && v >= 0));
      const [found, variance] = moments(values);
      // deviations of a sample's mean and variance; the fourth moment of Poisson is m + 3 m^2
      const meanError = Math.sqrt(mean / count);
      const varianceError = Math.sqrt((mean + 2 * mean ** 2) / count);
      assert.ok(Math.abs(found - mean) <= 5 * meanError, `mean ${found}`);
      assert.ok(Math.abs(variance - mean) <= 5 * varianceError, `variance ${variance}`);
    });
  });
}

/** Upper tail of the normal distribution; W. J. Cody's series is not needed for six digits. */
function normalCdf(z: number): number {
  let sum = 0;
  const steps = 4000;
  const from = Math.max(-9, Math.min(z, 9));
  for (let i = 0; i <= steps; i++) {
    const x = -9 + ((from + 9) * i) / steps;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-(x * x) / 2);
  }
  return (sum * (from + 9)) / steps / 3 / Math.sqrt(2 * Math.PI);
}

test("from its first mean on, the normal stand-in differs from Poisson in less than 0.2 % of draws", () => {
  const m = manyEvents;
  const s = Math.sqrt(m - 5 / 36);
  // The z at which m + s z + (z^2 - 1) / 6 reaches a value: the curve rises for z > -3 s.
  const zAt = (value: number) => 3 * (-s + Math.sqrt(s * s - (2 / 3) * (m - 1 / 6 - value)));
  let logFactorial = 0;
  let difference = 0;
  for (let k = 0; k < 3 * m; k++) {
    if (k > 0) logFactorial += Math.log(k);
    const poisson = Math.exp(k * Math.log(m) - m - logFactorial);
    const below = k === 0 ? 0 : normalCdf(zAt(k - 0.5));
    difference += Math.abs(normalCdf(zAt(k + 0.5)) - below - poisson);
  }
  assert.ok(difference / 2 < 0.002, `${difference / 2}`);
});

test("means on both sides of the limit are drawn together, and negative ones count as none", () => {
  scope(() => {
    const means = Tensor.from(Float32Array.of(-3, 0, 2, 1000, -0.5, 70));
    const drawn = [...drawPoisson(means, new Generator(1)).data()].map(Number);
    assert.equal(drawn[0], 0);
    assert.equal(drawn[1], 0);
    assert.ok((drawn[3] ?? 0) > 800 && (drawn[5] ?? 0) > 30);
    assert.deepEqual([...means.data()], [-3, 0, 2, 1000, -0.5, 70]);
  });
});
