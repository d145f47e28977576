import assert from "node:assert/strict";
import { test } from "node:test";
import { philox4x32 } from "../../rng/index.ts";
import { Camera } from "./camera.ts";
import { MovieConfig } from "./movie-config.ts";
import { PhiloxNoise } from "./philox-noise.ts";

test("the fast Philox draws the words of the plain one", () => {
  const seed = 2 ** 40 + 12345;
  const noise = new PhiloxNoise(seed, 7);
  const key = [seed >>> 0, (Math.floor(seed / 2 ** 32) ^ Math.imul(7, 0x9e3779b1)) >>> 0] as const;
  for (const counter of [
    [0, 0, 0, 0],
    [1, 2, 3, 4],
    [0xffffffff, 0x80000000, 17, 0xdeadbeef],
  ] as const) {
    noise.draw(counter[0], counter[1], counter[2], counter[3]);
    assert.deepEqual([...noise.block], [...philox4x32(counter, key)]);
  }
});

/** Counts of many voxels that all expect the same number of photons. */
function exposed(photons: number, given: Partial<MovieConfig>): Uint16Array {
  const camera = new Camera(MovieConfig.parse(given));
  const data = new Uint16Array(200_000);
  const row = new Float32Array(1000).fill(photons);
  for (let y = 0; y < 200; y++) {
    const place = { t: 3, z: 1, y, x: 0, width: 1000 };
    camera.expose(row, { data, offset: y * 1000, stride: 1 }, place);
  }
  return data;
}

function moments(data: Uint16Array) {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const about = (power: number) =>
    data.reduce((sum, value) => sum + (value - mean) ** power, 0) / data.length;
  return { mean, variance: about(2), third: about(3) };
}

const cases: readonly { readonly photons: number; readonly given: Partial<MovieConfig> }[] = [
  { photons: 60, given: {} },
  { photons: 400, given: {} },
  { photons: 0.6, given: { sigma_background_noise: 0, electrons_per_count: 1 } },
  { photons: 15, given: { sigma_background_noise: 3 } },
  { photons: 200, given: { sigma_background_noise: 0 } },
];

for (const { photons, given } of cases) {
  const noise = given.sigma_background_noise ?? 40;
  test(`counts of ${photons} photons with read noise ${noise} have the mean, variance and skew of the camera`, () => {
    const { mean, variance, third } = moments(exposed(photons, given));
    const electrons = photons * 0.82;
    const perCount = given.electrons_per_count ?? 0.22;
    const wanted = {
      mean: electrons / perCount + 100,
      variance: electrons / perCount ** 2 + noise ** 2,
    };
    const sd = Math.sqrt(wanted.variance);
    assert.ok(Math.abs(mean - wanted.mean) < (4 * sd) / Math.sqrt(200_000) + 0.02, `mean ${mean}`);
    // Rounding to whole counts adds a twelfth, but not to whole electrons of one count each.
    const ratio = variance / (wanted.variance + (perCount === 1 ? 0 : 1 / 12));
    assert.ok(Math.abs(ratio - 1) < 0.02, `variance is ${ratio} of what it should be`);
    const skew = third / sd ** 3;
    const wantedSkew = electrons / perCount ** 3 / sd ** 3;
    assert.ok(
      Math.abs(skew - wantedSkew) < 0.04 + 0.05 * wantedSkew,
      `skew ${skew}, not ${wantedSkew}`,
    );
  });
}
