import assert from "node:assert/strict";
import { test } from "node:test";
import { scope, Tensor } from "@cell-observatory/engine";
import fc from "fast-check";
import { percentiles, zScore } from "./normalize.ts";
import { valuesAtRanks } from "./values-at-ranks.ts";
import { viewsOf } from "./views.fixture.ts";
import { applyTransforms } from "./views.ts";

const place = { seed: 0, epoch: 0, batch: 0, samples: [0, 1] };
const z = zScore("z", { eps: 1e-4 });
const percent = percentiles("p", { low: 1, high: 99, eps: 1e-4 });

test("values at ranks are those of the sorted list, for all floats", () => {
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 1, maxLength: 60, noNaN: true }),
      fc.nat(),
      (values, at) => {
        const sorted = values.toSorted();
        const ranks = [0, values.length - 1, at % values.length];
        const found = valuesAtRanks(values, ranks);
        assert.deepEqual(
          found,
          ranks.map((rank) => sorted[rank]),
        );
      },
    ),
    { numRuns: 100 },
  );
});

test("percentiles go to 0 and 1, exactly, linear between two voxels", () => {
  scope(() => {
    const counts = Tensor.arange(1001).reshape([1, 1, 1, 1, 1001, 1]).flip([4]);
    const at = percentiles("p", { low: 10, high: 90.05, eps: 1e-4 });
    const { image } = applyTransforms([at], viewsOf(counts), { ...place, samples: [0] });
    const values = image.flip([4]).data() as Float32Array;
    assert.equal(values[100], 0);
    assert.ok(Math.abs((values[900] ?? 0) - 800 / 800.5) < 1e-6);
  });
});

test("an image of one value goes to 0, not to infinity", () => {
  scope(() => {
    const flat = Tensor.full([2, 1, 2, 2, 2, 1], 7);
    for (const normalize of [z, percent]) {
      const { image } = applyTransforms([normalize], viewsOf(flat), place);
      assert.deepEqual([...image.data()], Array(16).fill(0));
    }
  });
});

test("padding changes nothing for the voxels that were measured, and becomes 0", () => {
  scope(() => {
    const whole = Tensor.rand([2, 1, 4, 5, 6, 2]).mul_(3000);
    const large = Tensor.zeros([2, 2, 4, 8, 6, 2]);
    large.narrow(1, 0, 1).narrow(3, 0, 5).copy_(whole);
    large.narrow(1, 1, 1).fill_(50000); // the repeated last frame, with something to notice
    const valid = Tensor.zeros(large.shape, { dtype: "uint8" });
    valid.narrow(1, 0, 1).narrow(3, 0, 5).fill_(1);
    const validSizes = [[1, 4, 5, 6] as const, [1, 4, 5, 6] as const];
    for (const normalize of [z, percent]) {
      const alone = applyTransforms([normalize], viewsOf(whole), place).image;
      const padded = applyTransforms(
        [normalize],
        viewsOf(large, { valid, validSizes }),
        place,
      ).image;
      const inside = padded.narrow(1, 0, 1).narrow(3, 0, 5);
      assert.ok(Number(inside.sub(alone).abs().amax().item()) < 1e-4);
      const outside = padded.abs().sum().sub(inside.abs().sum());
      assert.ok(Math.abs(Number(outside.item())) < 1e-2);
    }
  });
});

test("the deviation of the z-score is PyTorch's std, to the last bit", () => {
  scope(() => {
    for (const [C, scale] of [
      [1, 1],
      [2, 60000],
      [3, 0.01],
    ] as const) {
      const image = Tensor.rand([3, 1, 7, 9, 11, C])
        .mul_(scale)
        .add_(40000 * scale);
      const flat = image.reshape([3, 693, C]);
      const wanted = flat.sub(flat.mean(1, true)).div(flat.std(1, true).clamp(1e-4));
      const { image: found } = applyTransforms([z], viewsOf(image), {
        ...place,
        samples: [0, 1, 2],
      });
      assert.deepEqual(found.data(), wanted.data());
    }
  });
});

test("a row that only fills the batch, none of it valid, becomes 0", () => {
  scope(() => {
    const image = Tensor.rand([2, 1, 2, 2, 2, 1]).add_(5);
    const valid = Tensor.ones(image.shape, { dtype: "uint8" });
    valid.select(0, 1).zero_();
    for (const normalize of [z, percent]) {
      const done = applyTransforms([normalize], viewsOf(image, { valid }), place).image;
      assert.deepEqual([...done.select(0, 1).data()], Array(8).fill(0));
      assert.ok(Number(done.select(0, 0).abs().amax().item()) > 0.5);
    }
  });
});
