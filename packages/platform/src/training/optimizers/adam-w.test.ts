import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { keep, liveTensors, Tensor } from "@cell-observatory/engine";
import { readSafetensors } from "@cell-observatory/zarr";
import { AdamW } from "./adam-w.ts";
import { clipGradients } from "./clip-gradients.ts";
import { parameterGroups } from "./parameter-groups.ts";

const file = await readSafetensors(join(import.meta.dirname, "../fixtures/adam-w.safetensors"));

/** A tensor of the fixture, or its row `step`. */
function fixture(name: string, step: number | null = null): Tensor {
  const { dtype, shape, bytes } = file.tensors.get(name) ?? assert.fail(`no ${name}`);
  const all = Tensor.empty(shape, { dtype: dtype === "float64" ? "float64" : "float32" });
  all.bytes().set(bytes);
  return step === null ? all : all.select(0, step).contiguous();
}

const worst = (a: Tensor, b: Tensor) => Number(a.sub(b).abs().amax().item());
const numSteps = file.tensors.get("lr")?.shape[0] ?? 0;
const setting = (name: string) => Number(file.metadata[name]);

function parametersAtStart() {
  return new Map(
    ["weight", "bias"].map((name) => [name, keep(fixture(`${name}.start`)).setRequiresGrad(true)]),
  );
}

test("twelve clipped steps of AdamW are PyTorch's fused ones, and so are the running means", () => {
  const parameters = parametersAtStart();
  const groups = parameterGroups(parameters, { wd: setting("wd") });
  const optimizer = new AdamW(groups, { betas: [0.9, 0.99], eps: setting("eps") });
  for (let step = 0; step < numSteps; step++) {
    for (const [name, parameter] of parameters) parameter.setGrad(fixture(`${name}.grad`, step));
    const norm = clipGradients(parameters.values(), setting("clip_grad"));
    assert.ok(Math.abs(norm - Number(fixture("norm", step).item())) < 1e-5 * norm);
    optimizer.step(Number(fixture("lr", step).item()));
    optimizer.zeroGrad();
    for (const [name, parameter] of parameters) {
      const error = worst(parameter, fixture(name, step));
      assert.ok(error < 1e-6, `${name} at step ${step}: off by ${error}`);
    }
  }
  for (const [name, value] of optimizer.state()) {
    assert.ok(worst(value, fixture(name)) < 1e-6, name);
  }
  assert.equal(optimizer.numSteps, numSteps);
});

test("matrices decay, vectors and learnt tokens do not", () => {
  const shape = (...sizes: number[]) => Tensor.zeros(sizes);
  const groups = parameterGroups(
    new Map([
      ["proj.weight", shape(4, 4)],
      ["proj.bias", shape(4)],
      ["norm.weight", shape(4)],
      ["token_param", shape(1, 1, 4)],
    ]),
    { wd: 0.1 },
  );
  assert.deepEqual(
    groups.map(({ parameters, wd }) => [wd, [...parameters.keys()]]),
    [
      [0.1, ["proj.weight"]],
      [0, ["proj.bias", "norm.weight", "token_param"]],
    ],
  );
});

test("a parameter without a gradient stays as it is, decay included", () => {
  const parameters = parametersAtStart();
  const groups = parameterGroups(parameters, { wd: 0.5 });
  const optimizer = new AdamW(groups, { betas: [0.9, 0.99], eps: 1e-8 });
  parameters.get("bias")?.setGrad(fixture("bias.grad", 0));
  optimizer.step(0.1);
  const weight = parameters.get("weight") ?? assert.fail();
  assert.equal(worst(weight, fixture("weight.start")), 0);
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
  const parameters = parametersAtStart();
  const groups = parameterGroups(parameters, { wd: 0.5 });
  const optimizer = new AdamW(groups, { betas: [0.9, 0.99], eps: 1e-8 });
  const grads = [...parameters.values()].map((parameter) => Tensor.ones(parameter.shape));
  const before = liveTensors();
  for (let step = 0; step < 3; step++) {
    for (const [i, parameter] of [...parameters.values()].entries()) {
      parameter.setGrad(grads[i] ?? null);
    }
    clipGradients(parameters.values(), 1);
    optimizer.step(0.1);
    optimizer.zeroGrad();
  }
  assert.equal(liveTensors(), before);
});
