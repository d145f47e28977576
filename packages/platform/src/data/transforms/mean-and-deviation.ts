import { Tensor, where } from "@cell-observatory/engine";
import { floatsOf } from "./floats-of.ts";

/**
 * Mean and unbiased deviation over V, of the voxels whose `valid` is 1: [B 1 C] each. Fewer than two
 * voxels have the deviation 0, none the mean 0.
 *
 * @param voxels - [B V C]
 * @param valid - [B V C] uint8; null: all.
 */
export function meanAndDeviation(
  voxels: Tensor,
  valid: Tensor | null,
): { readonly mean: Tensor; readonly deviation: Tensor } {
  if (valid !== null) return ofValid(voxels, valid);
  const mean = voxels.mean(1, true);
  const { V } = voxels.sizes("B V C");
  if (V < 2) return { mean, deviation: mean.mul(0) };
  const floats = floatsOf(voxels);
  return {
    mean,
    deviation: floats === null ? voxels.std(1, true) : deviations(floats, voxels, mean),
  };
}

function ofValid(voxels: Tensor, valid: Tensor) {
  const count = valid.sum(1, true).to({ dtype: voxels.dtype });
  const mean = voxels.mul(valid).sum(1, true).div(count.clamp(1));
  const squares = voxels.sub(mean).mul_(valid).square().sum(1, true);
  const deviation = squares.div(count.sub(1).clamp(1)).sqrt();
  return { mean, deviation: where(count.gt(1), deviation, deviation.mul(0)) };
}

/**
 * What `std` gives, to the last bit: sums are in double precision here as there. PyTorch's kernel
 * goes voxel by voxel with a division for each, and takes several times as long.
 */
function deviations(floats: Float32Array, voxels: Tensor, mean: Tensor): Tensor {
  const { B, V, C } = voxels.sizes("B V C");
  const near = mean.data(); // shifts the sums: no digits cancel
  const out = Float32Array.from({ length: B * C }, (_, i) => {
    const row = floats.subarray(Math.floor(i / C) * V * C, (Math.floor(i / C) + 1) * V * C);
    const { sum, squares } =
      C === 1 ? sums(row, Number(near[i])) : stridedSums(row, i % C, C, Number(near[i]));
    return Math.sqrt(Math.max(0, squares - (sum * sum) / V) / (V - 1));
  });
  return Tensor.from(out, { shape: [B, 1, C], device: voxels.device });
}

interface Sums {
  readonly sum: number;
  readonly squares: number;
}

/** Four sums at once, so that one addition does not wait for the one before. */
function sums(values: Float32Array, shift: number): Sums {
  let [s0, s1, s2, s3, q0, q1, q2, q3] = [0, 0, 0, 0, 0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const d0 = (values[i] as number) - shift;
    const d1 = (values[i + 1] as number) - shift;
    const d2 = (values[i + 2] as number) - shift;
    const d3 = (values[i + 3] as number) - shift;
    s0 += d0;
    s1 += d1;
    s2 += d2;
    s3 += d3;
    q0 += d0 * d0;
    q1 += d1 * d1;
    q2 += d2 * d2;
    q3 += d3 * d3;
  }
  for (let i = whole; i < values.length; i++) {
    const d = (values[i] as number) - shift;
    s0 += d;
    q0 += d * d;
  }
  return { sum: s0 + s1 + s2 + s3, squares: q0 + q1 + q2 + q3 };
}

function stridedSums(values: Float32Array, first: number, stride: number, shift: number): Sums {
  let [s0, s1, q0, q1] = [0, 0, 0, 0];
  for (let i = first; i < values.length; i += 2 * stride) {
    const d = (values[i] as number) - shift;
    s0 += d;
    q0 += d * d;
  }
  for (let i = first + stride; i < values.length; i += 2 * stride) {
    const d = (values[i] as number) - shift;
    s1 += d;
    q1 += d * d;
  }
  return { sum: s0 + s1, squares: q0 + q1 };
}
