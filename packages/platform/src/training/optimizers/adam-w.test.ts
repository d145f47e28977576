// Its numbers are compared with PyTorch's in test/parity/training.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator, keep, liveTensors, Tensor } from "@cell-observatory/engine";
import { AdamW } from "./adam-w.ts";
import { clipGradients } from "./clip-gradients.ts";
import { parameterGroups } from "./parameter-groups.ts";

const config = { betas: [0.9, 0.99], eps: 1e-8 } as const;

function parametersAtStart() {
  const generator = new Generator(0);
  const drawn = (...shape: number[]) =>
    keep(Tensor.randn(shape, { generator }).setRequiresGrad(true));
  return { weight: drawn(6, 5), bias: drawn(5) };
}

test("a parameter without a gradient stays as it is, decay included", () => {
  const parameters = parametersAtStart();
  const before = parameters.weight.data();
  const groups = parameterGroups(new Map(Object.entries(parameters)), { wd: 0.5 });
  parameters.bias.setGrad(Tensor.ones([5]));
  new AdamW(groups, config).step(0.1);
  assert.deepEqual(parameters.weight.data(), before);
});

test("gradients within the limit are left alone, and one that is not finite is not scaled", () => {
  const x = Tensor.zeros([2]).setRequiresGrad(true);
  x.setGrad(Tensor.from([3, 4]));
  assert.equal(clipGradients([x], 5), 5);
  assert.deepEqual([...(x.grad?.data() ?? [])], [3, 4]);
  assert.equal(clipGradients([x], 1), 5);
  assert.ok(Math.abs(Number(x.grad?.norm().item()) - 1) < 1e-6);
  x.setGrad(Tensor.from([Number.POSITIVE_INFINITY, 4]));
  assert.equal(clipGradients([x], 1), Number.POSITIVE_INFINITY);
  assert.equal(x.grad?.data()[1], 4);
});

test("a step leaves no tensor behind", () => {
  const { weight, bias } = parametersAtStart();
  const groups = parameterGroups(new Map(Object.entries({ weight, bias })), { wd: 0.5 });
  const optimizer = new AdamW(groups, config);
  const grads = [Tensor.ones([6, 5]), Tensor.ones([5])] as const;
  const before = liveTensors();
  for (let step = 0; step < 3; step++) {
    weight.setGrad(grads[0]);
    bias.setGrad(grads[1]);
    clipGradients([weight, bias], 1);
    optimizer.step(0.1);
    optimizer.zeroGrad();
  }
  assert.equal(liveTensors(), before);
});
