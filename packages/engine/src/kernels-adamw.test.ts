import assert from "node:assert/strict";
import { test } from "node:test";
import { adamW_, manualSeed, op, scope, Tensor } from "./index.ts";
import { at, distance } from "./kernels.fixture.ts";

test("AdamW takes the same steps as libtorch's fused kernel", () => {
  scope(() => {
    manualSeed(3);
    const shapes = [[7], [33, 65], [], [40_000]];
    const make = () => shapes.map((shape) => Tensor.zeros(shape));
    const start = shapes.map((shape) => Tensor.randn(shape));
    const sides = [0, 1].map(() => ({
      parameters: start.map((x) => x.clone()),
      means: make(),
      squares: make(),
    }));
    const [ours, theirs] = sides;
    assert.ok(ours !== undefined && theirs !== undefined);
    for (let step = 1; step <= 5; step += 1) {
      const grads = shapes.map((shape) => Tensor.randn(shape));
      const numbers = { lr: 1e-2, betas: [0.9, 0.99], weightDecay: 0.1, eps: 1e-8 } as const;
      adamW_({ ...ours, grads }, { ...numbers, step });
      const { parameters, means, squares } = theirs;
      const counts = shapes.map(() => Tensor.full([], step, { dtype: "float32" }));
      op("aten::_fused_adamw_")(
        ...([parameters, grads, means, squares, [], counts] as const),
        ...([1e-2, 0.9, 0.99, 0.1, 1e-8, false, false] as const),
      );
      for (const [i, p] of ours.parameters.entries()) {
        assert.ok(distance(p, at(parameters, i)) < 1e-6);
        assert.ok(distance(at(ours.means, i), at(means, i)) < 1e-6);
      }
    }
  });
});

test("AdamW scales gradients as it reads them, and refuses lists that do not match", () => {
  scope(() => {
    const numbers = { lr: 1e-2, betas: [0.9, 0.99], weightDecay: 0, eps: 1e-8, step: 1 } as const;
    const [parameters, means, squares] = [0, 1, 2].map(() => [Tensor.zeros([3])]);
    assert.ok(parameters !== undefined && means !== undefined && squares !== undefined);
    const grads = [Tensor.from([1, 2, 4])];
    adamW_({ parameters, grads, means, squares }, { ...numbers, gradScale: 0.5 });
    assert.ok(distance(at(means, 0), Tensor.from([0.05, 0.1, 0.2])) < 1e-6);
    const short = { parameters, grads: [], means, squares };
    assert.throws(
      () => adamW_(short, numbers),
      /four lists of equal length, got 1 params, 0 grads/,
    );
    const odd = { parameters, grads: [Tensor.zeros([4])], means, squares };
    assert.throws(
      () => adamW_(odd, numbers),
      /parameter 0 has shape \[3\], but its gradient \[4\]/,
    );
  });
});
