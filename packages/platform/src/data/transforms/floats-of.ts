import type { Tensor } from "@cell-observatory/engine";

/** The memory of a contiguous float32 tensor on the CPU; null for others. */
export function floatsOf(x: Tensor): Float32Array | null {
  if (x.device !== "cpu" || x.dtype !== "float32" || !x.isContiguous || x.numel === 0) return null;
  const { buffer, byteOffset, byteLength } = x.bytes();
  return new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
}
