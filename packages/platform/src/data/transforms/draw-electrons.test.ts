import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator, scope, Tensor } from "@cell-observatory/engine";
import { drawElectrons } from "./draw-electrons.ts";
import { drawPoisson } from "./draw-poisson.ts";

const count = 300_000;

/** Largest distance between the parts of two samples that lie below any value. */
function kolmogorovSmirnov(a: Float32Array, b: Float32Array): number {
  const [x, y] = [a.toSorted(), b.toSorted()];
  let [i, j, largest] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i] ?? 0, y[j] ?? 0);
    while (i < x.length && (x[i] ?? 0) <= value) i++;
    while (j < y.length && (y[j] ?? 0) <= value) j++;
    largest = Math.max(largest, Math.abs(i - j) / count);
  }
  return largest;
}

for (const [mean, readNoise] of [
  [0, 3],
  [1, 3],
  [5, 3],
  [20, 3],
  [5, 8.8],
  [500, 8.8],
] as const) {
  test(`${mean} electrons and a read noise of ${readNoise}, at once, are as Poisson plus normal`, () => {
    scope(() => {
      const means = Tensor.full([count], mean);
      const found = drawElectrons(means, readNoise, new Generator(1)).data() as Float32Array;
      const noise = Tensor.randn([count], { generator: new Generator(2) }).mul_(readNoise);
      const exact = drawPoisson(means, new Generator(3)).add_(noise).data() as Float32Array;
      // 2.2 sqrt(2 / n) is passed by chance once in 8000; the rest is what the stand-in may be off.
      const distance = kolmogorovSmirnov(found, exact);
      assert.ok(distance < 2.2 * Math.sqrt(2 / count) + 0.002, `${distance}`);
    });
  });
}

test("with little read noise, electrons are whole", () => {
  scope(() => {
    const found = drawElectrons(Tensor.full([1000], 5), 0, new Generator(1));
    assert.ok([...found.data()].every((value) => Number.isInteger(value)));
  });
});
