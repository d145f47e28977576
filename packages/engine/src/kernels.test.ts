import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import fc from "fast-check";
import {
  adamW_,
  addLayerNorm,
  addRmsNorm,
  attention,
  attentionQkv,
  autocast,
  backward,
  type Dtype,
  EngineError,
  grad,
  layerNorm,
  linear,
  liveBytes,
  manualSeed,
  mlpGelu,
  mlpSwiglu,
  noGrad,
  op,
  rmsNorm,
  scope,
  Tensor,
  tensor,
} from "./index.ts";

type Results = readonly Tensor[];

/** A kernel and its twin, as functions of tensors that all may require a gradient. */
interface Kernel {
  readonly ours: (inputs: Results) => Results;
  readonly twin: (inputs: Results) => Results;
  /** Shapes of the inputs for a case. */
  readonly shapes: (size: Size) => readonly (readonly number[])[];
}

interface Size {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  /** Even, as pairs of bfloat16 and of turned channels want it. */
  readonly width: number;
}

const at = (inputs: Results, i: number): Tensor => {
  const found = inputs[i];
  assert.ok(found !== undefined);
  return found;
};

/** Angles in place of free numbers: a pair of functions of the same input. */
const turnOf = (angles: Tensor) => ({ cosine: angles.cos(), sine: angles.sin() });

const kernels: Readonly<Record<string, Kernel>> = {
  linear: {
    ours: (x) => [linear(at(x, 0), at(x, 1), at(x, 2))],
    twin: (x) => [op("cello::linear.twin")(at(x, 0), at(x, 1), at(x, 2))],
    shapes: ({ batch, tokens, heads, width }) => [
      [batch, tokens, width],
      [2 * heads, width],
      [2 * heads],
    ],
  },
  "linear without bias": {
    ours: (x) => [linear(at(x, 0), at(x, 1))],
    twin: (x) => [op("cello::linear.twin")(at(x, 0), at(x, 1))],
    shapes: ({ tokens, heads, width }) => [
      [tokens, width],
      [70 * heads, width],
    ],
  },
  mlpGelu: {
    ours: (x) => [mlpGelu(at(x, 0), weights(x))],
    twin: (x) => [op("cello::mlp_gelu.twin")(at(x, 0), at(x, 1), at(x, 2), at(x, 3), at(x, 4))],
    shapes: ({ batch, tokens, heads, width }) => [
      [batch, tokens, width],
      [34 * heads, width],
      [34 * heads],
      [width, 34 * heads],
      [width],
    ],
  },
  mlpSwiglu: {
    ours: (x) => [mlpSwiglu(at(x, 0), weights(x))],
    twin: (x) => [op("cello::mlp_swiglu.twin")(at(x, 0), at(x, 1), at(x, 2), at(x, 3), at(x, 4))],
    shapes: ({ batch, tokens, heads, width }) => [
      [batch, tokens, width],
      [2 * 34 * heads, width],
      [2 * 34 * heads],
      [width, 34 * heads],
      [width],
    ],
  },
  addLayerNorm: {
    ours: (x) => {
      const options = { weight: at(x, 2), bias: at(x, 3), eps: 1e-6 };
      const { sum, normed } = addLayerNorm(at(x, 0), at(x, 1), options);
      return [sum, normed];
    },
    twin: (x) =>
      op("cello::add_layer_norm.twin")(
        ...([at(x, 0), at(x, 1), undefined, at(x, 2), at(x, 3), 1e-6] as const),
      ),
    shapes: ({ batch, tokens, width }) => [
      [batch, tokens, width],
      [batch, tokens, width],
      [width],
      [width],
    ],
  },
  "addRmsNorm with a scale": {
    ours: (x) => {
      const yScale = scaleOf(at(x, 0));
      const { sum, normed } = addRmsNorm(at(x, 0), at(x, 1), { weight: at(x, 2), yScale });
      return [sum, normed];
    },
    twin: (x) => op("cello::add_rms_norm.twin")(at(x, 0), at(x, 1), scaleOf(at(x, 0)), at(x, 2)),
    shapes: ({ batch, tokens, width }) => [[batch, tokens, width], [batch, tokens, width], [width]],
  },
  layerNorm: {
    ours: (x) => [layerNorm(at(x, 0), { weight: at(x, 1), bias: at(x, 2) })],
    twin: (x) => [op("cello::layer_norm.twin")(at(x, 0), at(x, 1), at(x, 2))],
    shapes: ({ tokens, width }) => [[tokens, width], [width], [width]],
  },
  rmsNorm: {
    ours: (x) => [rmsNorm(at(x, 0), { weight: at(x, 1) })],
    twin: (x) => [op("cello::rms_norm.twin")(at(x, 0), at(x, 1))],
    shapes: ({ tokens, width }) => [[tokens, width], [width]],
  },
  attentionQkv: {
    ours: (x) => [attentionQkv(at(x, 0), { numHeads: headsOf(x) })],
    twin: (x) => [op("cello::attention_qkv.twin")(at(x, 0), headsOf(x))],
    shapes: ({ batch, tokens, heads, width }) => [[batch, tokens, 3, heads, width]],
  },
  "attentionQkv, turned": {
    ours: (x) => [attentionQkv(at(x, 0), { numHeads: headsOf(x), turn: turnOf(at(x, 1)) })],
    twin: (x) => {
      const { cosine, sine } = turnOf(at(x, 1));
      return [op("cello::attention_qkv.twin")(at(x, 0), headsOf(x), cosine, sine)];
    },
    shapes: ({ batch, tokens, heads, width }) => [
      [batch, tokens, 3, heads, width],
      [1, heads, tokens, width / 2],
    ],
  },
  "attention, in part turned": {
    ours: (x) => [attention(at(x, 0), at(x, 1), at(x, 2), { turn: turnOf(at(x, 3)) })],
    twin: (x) => {
      const { cosine, sine } = turnOf(at(x, 3));
      return [op("cello::attention.twin")(at(x, 0), at(x, 1), at(x, 2), cosine, sine)];
    },
    shapes: ({ batch, tokens, heads, width }) => [
      [batch, heads, tokens, width + 2],
      [batch, heads, tokens, width + 2],
      [batch, heads, tokens, width + 2],
      [batch, 1, tokens, width / 2],
    ],
  },
  "attention to other tokens": {
    ours: (x) => [attention(at(x, 0), at(x, 1), at(x, 2), { scale: 0.3 })],
    twin: (x) => [
      op("cello::attention.twin")(at(x, 0), at(x, 1), at(x, 2), undefined, undefined, 0.3),
    ],
    shapes: ({ batch, tokens, heads, width }) => [
      [batch, heads, tokens, width],
      [batch, heads, 2 * tokens + 1, width],
      [batch, heads, 2 * tokens + 1, width],
    ],
  },
};

function weights(x: Results) {
  return { weight1: at(x, 1), bias1: at(x, 2), weight2: at(x, 3), bias2: at(x, 4) };
}

const headsOf = (x: Results) => at(x, 0).shape[3] ?? 0;

/** 0, 1, 2, ... for each sample, as stochastic depth drops and scales them. */
const scaleOf = (x: Tensor) => Tensor.arange(x.shape[0] ?? 0, { dtype: "float32" });

const sizesOf = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  tokens: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(63, 64, 65, 130)),
  heads: fc.integer({ min: 1, max: 3 }),
  width: fc.integer({ min: 2, max: 40 }).map((half) => 2 * half),
});

/** Results, and gradients of all inputs for given gradients of the results. */
function derived(run: Kernel["ours"], inputs: Results, gradients: Results): Results {
  const leaves = inputs.map((x) => x.detach().setRequiresGrad(true));
  const results = run(leaves);
  const given = results.map((y, i) => at(gradients, i).to({ dtype: y.dtype }));
  const found = grad(results, leaves, { gradients: given });
  return [...results, ...found.map((g) => g ?? Tensor.zeros([0]))];
}

/** |a - b| / |b| over all elements; where b is all but zero (one key, say), over that instead. */
function distance(a: Tensor, b: Tensor): number {
  assert.deepEqual(a.shape, b.shape);
  const [x, y] = [a.to({ dtype: "float64" }), b.to({ dtype: "float64" })];
  const least = 1e-2 * Math.sqrt(Math.max(1, b.numel));
  return Number(x.sub(y).norm().item()) / Math.max(least, Number(y.norm().item()));
}

function makeCase({ shapes, twin }: Kernel, size: Size): { inputs: Results; gradients: Results } {
  const inputs = shapes(size).map((shape, i) =>
    Tensor.randn(shape).mul(i === 0 ? 1 : (shape.at(-1) ?? 1) ** -0.5),
  );
  const gradients = noGrad(() => twin(inputs)).map((y) => Tensor.randn(y.shape));
  return { inputs, gradients };
}

const cast = (tensors: Results, dtype: Dtype) => tensors.map((x) => x.to({ dtype }));

function eachCase(numRuns: number, check: (kernel: Kernel, size: Size, name: string) => void) {
  manualSeed(0);
  for (const [name, kernel] of Object.entries(kernels)) {
    const property = fc.property(sizesOf, (size) => scope(() => check(kernel, size, name)));
    fc.assert(property, { numRuns, seed: 1 });
  }
}

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
