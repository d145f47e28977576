import { op } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The operators of our own, where a training step spends its time.
 *
 * Each takes what its twin of libtorch's operators takes (`op("cello::linear.twin")` and so on), and
 * calls the twin itself where its kernel does not apply: on another device, in another dtype than
 * float32 and bfloat16, on empty tensors, on a cpu without AVX2. Under autocast they compute in its
 * dtype, as their twins do, but round weights while they read them, and give float32 weights float32
 * gradients that were never rounded. They have first derivatives only.
 */

/** By how much each pair of channels (2j, 2j + 1) of queries and keys is turned, [B|1 H|1 N pairs]. */
export interface Turn {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

export interface AttentionKernelOptions {
  /** Rotary positions, for self-attention; pairs beyond them stay as they are. */
  readonly turn?: Turn | null | undefined;
  /** Of the scores; 1 / sqrt(d) by default. */
  readonly scale?: number | undefined;
}

/** softmax(scale q k^T) v of packed queries, keys and values [B N 3Hd] or [B N 3 H d], as [B N Hd]. */
export function attentionQkv(
  qkv: Tensor,
  { numHeads, turn, scale }: AttentionKernelOptions & { readonly numHeads: number },
): Tensor {
  return op("cello::attention_qkv")(qkv, numHeads, turn?.cosine, turn?.sine, scale);
}

/** softmax(scale q k^T) v; queries [B H N d], keys and values [B H M d], as [B H N d]. */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { turn, scale }: AttentionKernelOptions = {},
): Tensor {
  return op("cello::attention")(q, k, v, turn?.cosine, turn?.sine, scale);
}

/** x W^T + b: x [... inputs], weight [outputs inputs], bias [outputs]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  return op("cello::linear")(x, weight, bias);
}

/** The two layers of an MLP; weight2 is [outputs hidden]. */
export interface MlpWeights {
  readonly weight1: Tensor;
  readonly bias1?: Tensor | null | undefined;
  readonly weight2: Tensor;
  readonly bias2?: Tensor | null | undefined;
}

/** gelu(x w1^T + b1) w2^T + b2, with the exact GELU; weight1 is [hidden inputs]. */
export function mlpGelu(x: Tensor, { weight1, bias1, weight2, bias2 }: MlpWeights): Tensor {
  return op("cello::mlp_gelu")(x, weight1, bias1 ?? undefined, weight2, bias2);
}

/** (silu(gate) value) w2^T + b2, where [gate value] = x w1^T + b1; weight1 is [2 hidden, inputs]. */
export function mlpSwiglu(x: Tensor, { weight1, bias1, weight2, bias2 }: MlpWeights): Tensor {
  return op("cello::mlp_swiglu")(x, weight1, bias1 ?? undefined, weight2, bias2);
}

export interface NormWeights {
  /** [D] */
  readonly weight: Tensor;
  readonly eps?: number | undefined;
}

export interface LayerNormWeights extends NormWeights {
  /** [D] */
  readonly bias: Tensor;
}

export interface AddNormOptions {
  /** One factor of y for each x[i], [B]: stochastic depth. No gradient flows into it. */
  readonly yScale?: Tensor | undefined;
}

/** A residual sum, and its norm, in autocast's dtype where that is on. */
export interface SumAndNorm {
  readonly sum: Tensor;
  readonly normed: Tensor;
}

/** x + yScale y, and its layer norm over the last axis; x and y [B ... D]. */
export function addLayerNorm(
  x: Tensor,
  y: Tensor,
  { weight, bias, eps, yScale }: LayerNormWeights & AddNormOptions,
): SumAndNorm {
  const [sum, normed] = op("cello::add_layer_norm")(x, y, yScale, weight, bias, eps);
  return { sum, normed };
}

/** x + yScale y, and its root-mean-square norm over the last axis; x and y [B ... D]. */
export function addRmsNorm(
  x: Tensor,
  y: Tensor,
  { weight, eps, yScale }: NormWeights & AddNormOptions,
): SumAndNorm {
  const [sum, normed] = op("cello::add_rms_norm")(x, y, yScale, weight, eps);
  return { sum, normed };
}

/** The layer norm of x over the last axis, in autocast's dtype where that is on. */
export function layerNorm(x: Tensor, { weight, bias, eps }: LayerNormWeights): Tensor {
  return op("cello::layer_norm")(x, weight, bias, eps);
}

/** The root-mean-square norm of x over the last axis, in autocast's dtype where that is on. */
export function rmsNorm(x: Tensor, { weight, eps }: NormWeights): Tensor {
  return op("cello::rms_norm")(x, weight, eps);
}

/** What an optimizer holds, one of each for every parameter. */
export interface AdamWTensors {
  readonly parameters: readonly Tensor[];
  readonly grads: readonly Tensor[];
  readonly means: readonly Tensor[];
  readonly squares: readonly Tensor[];
}

export interface AdamWNumbers {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
  readonly eps: number;
  /** Counts from 1. */
  readonly step: number;
  /** By which the gradients are multiplied as they are read; 1 by default. */
  readonly gradScale?: number;
}

/**
 * One AdamW step of all parameters, in place.
 *
 * Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2; the
 * arithmetic is that of PyTorch's fused kernel.
 */
export function adamW_(
  { parameters, grads, means, squares }: AdamWTensors,
  { lr, betas, weightDecay, eps, step, gradScale = 1 }: AdamWNumbers,
): void {
  const [beta1, beta2] = betas;
  const run = op("cello::adamw_");
  run(parameters, grads, means, squares, lr, beta1, beta2, weightDecay, eps, step, gradScale);
}
