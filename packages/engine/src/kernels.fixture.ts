import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addLayerNorm,
  addRmsNorm,
  attention,
  attentionQkv,
  type Dtype,
  grad,
  layerNorm,
  linear,
  manualSeed,
  mlpGelu,
  mlpSwiglu,
  noGrad,
  op,
  rmsNorm,
  scope,
  Tensor,
} from "./index.ts";

export type Results = readonly Tensor[];

/** A kernel and its twin, as functions of tensors that all may require a gradient. */
export interface Kernel {
  readonly ours: (inputs: Results) => Results;
  readonly twin: (inputs: Results) => Results;
  /** Shapes of the inputs for a case. */
  readonly shapes: (size: Size) => readonly (readonly number[])[];
}

export interface Size {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  /** Even, as pairs of bfloat16 and of turned channels want it. */
  readonly width: number;
}

export const at = (inputs: Results, i: number): Tensor => {
  const found = inputs[i];
  assert.ok(found !== undefined);
  return found;
};

/** Angles in place of free numbers: a pair of functions of the same input. */
const turnOf = (angles: Tensor) => ({ cosine: angles.cos(), sine: angles.sin() });

export const kernels: Readonly<Record<string, Kernel>> = {
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
export function derived(run: Kernel["ours"], inputs: Results, gradients: Results): Results {
  const leaves = inputs.map((x) => x.detach().setRequiresGrad(true));
  const results = run(leaves);
  const given = results.map((y, i) => at(gradients, i).to({ dtype: y.dtype }));
  const found = grad(results, leaves, { gradients: given });
  return [...results, ...found.map((g) => g ?? Tensor.zeros([0]))];
}

/** |a - b| / |b| over all elements; where b is all but zero (one key, say), over that instead. */
export function distance(a: Tensor, b: Tensor): number {
  assert.deepEqual(a.shape, b.shape);
  const [x, y] = [a.to({ dtype: "float64" }), b.to({ dtype: "float64" })];
  const least = 1e-2 * Math.sqrt(Math.max(1, b.numel));
  return Number(x.sub(y).norm().item()) / Math.max(least, Number(y.norm().item()));
}

export function makeCase(
  { shapes, twin }: Kernel,
  size: Size,
): { inputs: Results; gradients: Results } {
  const inputs = shapes(size).map((shape, i) =>
    Tensor.randn(shape).mul(i === 0 ? 1 : (shape.at(-1) ?? 1) ** -0.5),
  );
  const gradients = noGrad(() => twin(inputs)).map((y) => Tensor.randn(y.shape));
  return { inputs, gradients };
}

export const cast = (tensors: Results, dtype: Dtype) => tensors.map((x) => x.to({ dtype }));

export function eachCase(
  numRuns: number,
  check: (kernel: Kernel, size: Size, name: string) => void,
) {
  manualSeed(0);
  for (const [name, kernel] of Object.entries(kernels)) {
    const property = fc.property(sizesOf, (size) => scope(() => check(kernel, size, name)));
    fc.assert(property, { numRuns, seed: 1 });
  }
}
