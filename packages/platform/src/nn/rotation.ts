import { op, type Tensor } from "@cell-observatory/engine";

/**
 * By how much each pair of channels is turned, [B|1 H|1 N pairs], in at least float32 whatever the
 * dtype of the model. (Fault 61 of the reference platform: in bfloat16 its factors lost their
 * imaginary part, so that queries and keys were scaled by the cosine instead of turned.)
 */
export interface Rotation {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

/** The rotation by angles [... P] in radians; pairs beyond them, up to `numPairs`, stay as they are. */
export function rotationBy(angles: Tensor, numPairs: number): Rotation {
  const padded = op("aten::constant_pad_nd")(angles, [0, numPairs - (angles.shape.at(-1) ?? 0)]);
  return { cosine: padded.cos(), sine: padded.sin() };
}
