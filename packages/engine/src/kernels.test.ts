import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  addLayerNorm,
  addRmsNorm,
  attentionQkv,
  autocast,
  backward,
  EngineError,
  grad,
  linear,
  liveBytes,
  noGrad,
  op,
  scope,
  Tensor,
  tensor,
} from "./index.ts";
import {
  at,
  cast,
  derived,
  distance,
  eachCase,
  type Kernel,
  kernels,
  makeCase,
  type Results,
} from "./kernels.fixture.ts";

afterEach(() => {
  op("cello::use_instruction_set")("best");
});

test("in float32, each kernel and its gradients agree with the twin in float64", () => {
  eachCase(12, (kernel, size, name) => {
    const { inputs, gradients } = makeCase(kernel, size);
    const found = derived(kernel.ours, inputs, gradients);
    const wide = derived(kernel.twin, cast(inputs, "float64"), cast(gradients, "float64"));
    const narrow = derived(kernel.twin, inputs, gradients);
    for (const [i, y] of found.entries()) {
      // Where numbers cancel, float32 itself is further off: then the twin in float32 counts.
      const allowed = Math.max(1e-5, 4 * distance(at(narrow, i), at(wide, i)));
      const off = distance(y, at(wide, i));
      assert.ok(off <= allowed, `${name} ${JSON.stringify(size)}: result ${i} is off by ${off}`);
    }
  });
});

test("in bfloat16, no kernel is further from float32 than its twin, by half", () => {
  eachCase(8, (kernel, size, name) => {
    const { inputs, gradients } = makeCase(kernel, { ...size, tokens: size.tokens + 20 });
    const [low, g] = [cast(inputs, "bfloat16"), cast(gradients, "bfloat16")];
    const found = derived(kernel.ours, low, g);
    const eager = derived(kernel.twin, low, g);
    const exact = derived(kernel.twin, cast(low, "float32"), cast(g, "float32"));
    for (const [i, y] of found.entries()) {
      assert.equal(y.dtype, "bfloat16");
      const [ours, theirs] = [distance(y, at(exact, i)), distance(at(eager, i), at(exact, i))];
      // Below 2^-8 it is the rounding of the result itself, on one side or the other.
      const allowed = Math.max(1.5 * theirs, 2 ** -8);
      assert.ok(ours <= allowed, `${name} ${JSON.stringify(size)}: ${i}: ${ours}, not ${theirs}`);
    }
  });
});

test("under autocast, kernels compute in bfloat16 and give float32 parameters float32 gradients", () => {
  eachCase(4, (kernel, size, name) => {
    const { inputs, gradients } = makeCase(kernel, { ...size, tokens: size.tokens + 20 });
    const cases = { ours: kernel.ours, twin: kernel.twin };
    const [ours, twin] = Object.values(cases).map((run) =>
      derived((x) => autocast({}, () => run(x)), inputs, gradients),
    );
    const exact = derived(kernel.twin, inputs, gradients);
    assert.ok(ours !== undefined && twin !== undefined);
    for (const [i, y] of ours.entries()) {
      assert.equal(y.dtype, at(twin, i).dtype, `${name}: result ${i}`);
      const [off, theirs] = [distance(y, at(exact, i)), distance(at(twin, i), at(exact, i))];
      // Turned queries are rounded before and after, where a twin that is given float32 rounds once.
      const allowed = Math.max(2 * theirs, 2 ** -8);
      assert.ok(off <= allowed, `${name} ${JSON.stringify(size)}: ${i}: ${off}, not ${theirs}`);
    }
  });
});

test("every instruction set of this machine gives the same numbers, and the twin without any", () => {
  for (const name of ["avx512-bf16", "avx512", "avx2", "none"]) {
    try {
      op("cello::use_instruction_set")(name);
    } catch (error) {
      assert.match(String(error), /this machine has the instruction sets none, /);
      continue;
    }
    eachCase(3, (kernel, size, what) => {
      for (const dtype of ["float32", "bfloat16"] as const) {
        const { inputs, gradients } = makeCase(kernel, { ...size, tokens: size.tokens + 20 });
        const [low, g] = [cast(inputs, dtype), cast(gradients, dtype)];
        const found = derived(kernel.ours, low, g);
        const expected = derived(kernel.twin, cast(low, "float64"), cast(g, "float64"));
        for (const [i, y] of found.entries()) {
          const off = distance(y, at(expected, i));
          const allowed = dtype === "float32" ? 1e-4 : 0.05;
          assert.ok(off < allowed, `${name} ${what} ${JSON.stringify(size)}: ${i}: ${off}`);
        }
      }
    });
  }
});

test("inputs and gradients may lie in memory in any order", () => {
  eachCase(4, (kernel, size, name) => {
    const { inputs, gradients } = makeCase(kernel, size);
    const strided = (x: Tensor) => x.transpose(0, -1).contiguous().transpose(0, -1);
    const found = derived(kernel.ours, inputs.map(strided), gradients.map(strided));
    const expected = derived(kernel.ours, inputs, gradients);
    for (const [i, y] of found.entries()) {
      const off = distance(y, at(expected, i));
      assert.ok(off < 1e-5, `${name} ${JSON.stringify(size)}: result ${i} is off by ${off}`);
    }
  });
});

test("without tokens there are results without tokens, and parameters get zeros", () => {
  eachCase(1, (kernel, size) => {
    const inputs = kernel.shapes(size).map((shape, i) => {
      const tokenAxis = shape.length === 2 ? 0 : shape.indexOf(size.tokens);
      const isToken = i === 0 || (shape.length > 2 && tokenAxis >= 0);
      return Tensor.zeros(isToken ? shape.with(Math.max(0, tokenAxis), 0) : shape);
    });
    if (inputs.some((x) => x.ndim > 2 && x.numel > 0)) return; // keys and angles of other tokens
    const [y] = kernel.ours(inputs.map((x) => x.setRequiresGrad(true)));
    assert.equal(y?.numel, 0);
    backward(y, { gradient: Tensor.zeros(y.shape) });
    for (const x of inputs) assert.equal(Number(x.grad?.abs().sum().item() ?? 0), 0);
  });
});

test("a NaN reaches what depends on it, and nothing else", () => {
  eachCase(3, (kernel, size, name) => {
    const inputs = makeCase(kernel, { ...size, batch: 2 }).inputs;
    const x = at(inputs, 0);
    x.select(0, 0).fill_(Number.NaN);
    const results = kernel.ours(inputs);
    for (const y of results) {
      const bad = y.eq(y).logicalNot();
      assert.ok(bad.select(0, 0).all().item(), `${name}: lost in ${JSON.stringify(size)}`);
      const rest = bad.narrow(0, 1, (y.shape[0] ?? 1) - 1);
      assert.ok(!rest.any().item(), `${name}: spread in ${JSON.stringify(size)}`);
    }
  });
});

test("without gradients nothing is recorded, and a scope ends with the bytes that it began with", () => {
  eachCase(2, (kernel, size) => {
    const { inputs, gradients } = makeCase(kernel, size);
    for (const x of inputs) x.setRequiresGrad(true);
    const before = liveBytes();
    noGrad(() => scope(() => assert.ok(kernel.ours(inputs).every((y) => !y.requiresGrad))));
    scope(() => {
      derived(kernel.ours, inputs, gradients);
    });
    assert.equal(liveBytes(), before);
  });
});

test("an MLP keeps one hidden layer for the backward pass, not two or four", () => {
  const held = (run: Kernel["ours"], inputs: Results) =>
    scope(() => {
      const before = liveBytes();
      const [y] = scope(() => run(inputs));
      return liveBytes() - before - (y?.numel ?? 0) * 4;
    });
  scope(() => {
    for (const [name, fold] of [
      ["mlpGelu", 1],
      ["mlpSwiglu", 2],
    ] as const) {
      const kernel = kernels[name];
      assert.ok(kernel !== undefined);
      const { inputs } = makeCase(kernel, { batch: 1, tokens: 64, heads: 2, width: 32 });
      for (const x of inputs) x.setRequiresGrad(true);
      const hiddenBytes = 64 * 68 * 4;
      const [ours, twin] = [held(kernel.ours, inputs), held(kernel.twin, inputs)];
      assert.ok(ours >= fold * hiddenBytes && ours < (fold + 0.5) * hiddenBytes, `${ours} bytes`);
      assert.ok(twin > 1.4 * ours, `${twin} bytes, ours ${ours}`);
    }
  });
});

test("the second derivative is refused, in a sentence that names the way out", () => {
  eachCase(1, (kernel, size) => {
    const inputs = makeCase(kernel, size).inputs.map((x) => x.setRequiresGrad(true));
    const loss = kernel.ours(inputs).reduce((sum, y) => sum.add(y.sum()), tensor(0));
    const act = () => grad([loss], inputs, { createGraph: true });
    assert.throws(act, /cello::\w+ has no second derivative.*call cello::\w+\.twin instead/s);
    const twin = kernel.twin(inputs).reduce((sum, y) => sum.add(y.sum()), tensor(0));
    assert.doesNotThrow(() => grad([twin], inputs, { createGraph: true }));
  });
});

test("backward notices an input that was changed in place after the call", () => {
  for (const name of ["linear", "mlpGelu", "addLayerNorm", "attentionQkv"]) {
    scope(() => {
      const kernel = kernels[name];
      assert.ok(kernel !== undefined);
      const { inputs } = makeCase(kernel, { batch: 1, tokens: 8, heads: 2, width: 32 });
      const x = inputs.map((each) => each.setRequiresGrad(true));
      const source = at(x, 0).mul(1);
      const [y, normed = y] = kernel.ours([source, ...x.slice(1)]);
      assert.ok(y !== undefined && normed !== undefined);
      // The residual sum itself is kept, not x.
      noGrad(() => (name === "addLayerNorm" ? y : source).add_(1));
      assert.throws(() => backward(normed.sum()), /modified by an inplace operation/, name);
    });
  }
});

test("shapes and dtypes that no kernel takes are refused by the twin, with both", () => {
  scope(() => {
    const [x, weight] = [Tensor.zeros([2, 4]), Tensor.zeros([3, 5])];
    assert.throws(() => linear(x, weight), EngineError);
    assert.throws(() => linear(x, Tensor.zeros([3, 4], { dtype: "bfloat16" })), EngineError);
    assert.throws(
      () => attentionQkv(Tensor.zeros([1, 2, 10]), { numHeads: 2 }),
      /expected qkv \[B, N, 3 \* heads \* d\].* with 2 heads, got \[1, 2, 10\]/s,
    );
    assert.equal(
      linear(Tensor.ones([2, 4], { dtype: "float64" }), Tensor.ones([3, 4], { dtype: "float64" }))
        .dtype,
      "float64",
    );
  });
});

test("a sum of numbers with a scale for each sample is refused: they have no samples", () => {
  scope(() => {
    const [x, weight, yScale] = [tensor(1), Tensor.ones([1]), Tensor.ones([1])];
    assert.throws(
      () => addRmsNorm(x, x, { weight, yScale }),
      /expected y \[B \.\.\. D\].*got \[\]/,
    );
    const bias = Tensor.zeros([1]);
    assert.throws(() => addLayerNorm(x, x, { weight, bias, yScale }), EngineError);
  });
});
