import type { Tensor } from "@cell-observatory/engine";

/**
 * By how much the channel pairs (2j, 2j + 1) of each head are turned, [B|1 H|1 N P]; channels beyond
 * 2P stay as they are.
 *
 * In at least float32 whatever the dtype of the model. (Fault 61 of the reference platform: in
 * bfloat16 its factors lost their imaginary part, so that queries and keys were scaled by the
 * cosine instead of turned.)
 */
export interface Rotation {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

/** The rotation by angles in radians. */
export function rotationBy(angles: Tensor): Rotation {
  return { cosine: angles.cos(), sine: angles.sin() };
}
