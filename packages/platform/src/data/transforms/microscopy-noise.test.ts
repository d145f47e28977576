import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "@cell-observatory/engine";
import { gaussianNoise } from "./gaussian-noise.ts";
import { microscopyNoise } from "./microscopy-noise.ts";
import { zScore } from "./normalize.ts";
import { equal, viewsOf } from "./views.fixture.ts";
import { applyTransforms } from "./views.ts";

/** The denoising task's camera. */
const camera = {
  quantum_efficiency: [0.82, 0.82],
  electrons_per_count: [0.22, 0.22],
  sigma_background_noise: [40, 40],
  mean_background_offset: [100, 100],
  photon_scale: [1, 1],
} as const;
const place = { seed: 5, epoch: 0, batch: 0, samples: [4, 9] };
const shape = [2, 1, 32, 32, 32, 1];
const noise = microscopyNoise("noise", camera);

const momentsOf = (x: Tensor) =>
  [Number(x.mean().item()), Number(x.to({ dtype: "float64" }).var().item())] as const;

for (const photons of [0, 10, 70, 2000]) {
  test(`${photons} photons become counts of the camera's mean and variance (fault 55 of the reference)`, () => {
    const image = Tensor.full(shape, photons);
    const done = applyTransforms([noise], viewsOf(image, { clean: image }), place);
    const [mean, variance] = momentsOf(done.image);
    const electrons = photons * 0.82;
    // Below the offset, counts are cut at 0: at 2.5 deviations of the read noise, which the bounds allow.
    const wanted = 100 + electrons / 0.22;
    const spread = electrons / 0.22 ** 2 + 40 ** 2;
    const n = image.numel;
    const slack = photons < 10 ? 0.03 : 0;
    assert.ok(
      Math.abs(mean - wanted) < 5 * Math.sqrt(spread / n) + slack * 40,
      `${mean}, ${wanted}`,
    );
    assert.ok(
      Math.abs(variance / spread - 1) < 6 * Math.sqrt(2 / n) + slack,
      `${variance}, ${spread}`,
    );
    const [clean] = momentsOf(done.clean ?? image);
    assert.ok(Math.abs(clean - wanted) < 1e-2, "the clean image is in the same unit");
  });
}

test("the input is never written to", () => {
  const image = Tensor.rand(shape).mul_(1000);
  const copy = image.clone();
  const views = viewsOf(image, { clean: image });
  applyTransforms(
    [noise, gaussianNoise("g", { sigma: [1, 2] }), zScore("z", { eps: 1e-4 })],
    views,
    place,
  );
  assert.ok(equal(image, copy));
});

test("noise depends on the sample alone, not on its batch, and differs between samples", () => {
  const image = Tensor.full(shape, 300);
  for (const transform of [noise, gaussianNoise("g", { sigma: [1, 2] })]) {
    const both = applyTransforms([transform], viewsOf(image), place).image;
    const alone = viewsOf(image.narrow(0, 1, 1));
    const second = applyTransforms([transform], alone, { ...place, batch: 3, samples: [9] }).image;
    assert.ok(equal(second, both.narrow(0, 1, 1)));
    assert.ok(!equal(second, both.narrow(0, 0, 1)));
  }
});

test("normalised, the clean image has the mean of the noisy one, and less variance", () => {
  const image = Tensor.rand(shape).mul_(2000);
  const done = applyTransforms(
    [noise, zScore("z", { eps: 1e-4 })],
    viewsOf(image, { clean: image }),
    place,
  );
  const [mean, variance] = momentsOf(done.clean ?? image);
  assert.ok(Math.abs(mean) < 0.01 && variance < 1 && variance > 0.9, `${mean} ${variance}`);
});

test("counts stay within 16 bits, and padding stays 0", () => {
  const image = Tensor.full(shape, 20000);
  const valid = Tensor.ones(shape, { dtype: "uint8" });
  valid.narrow(2, 20, 12).zero_();
  const done = applyTransforms([noise], viewsOf(image, { valid }), place).image;
  assert.equal(Number(done.amax().item()), 65535);
  assert.equal(Number(done.narrow(2, 20, 12).abs().amax().item()), 0);
});
