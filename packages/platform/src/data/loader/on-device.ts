import { type Device, scope, Tensor } from "@cell-observatory/engine";
import type { Batch } from "../batch.ts";

type Placed = Pick<Batch, "voxels" | "labelMap" | "targets" | "dtype" | "shape" | "onDevice">;

/**
 * The voxels of a batch on the device, [B T Z Y X C] in the batch's number type: where its loader has
 * copied them, else, on the CPU, the slot itself. They must not be read once the next batch is asked
 * for. A batch that no loader has brought there is copied, and waited for.
 */
export function imageOf(batch: Placed, device: Device): Tensor {
  if (batch.onDevice) return at(batch.onDevice.image, device);
  const { voxels, dtype, shape } = batch;
  return at(overHost(voxels, { dtype, shape }), device);
}

/** The same of its labels, [B T Z Y X] int32; null when none were asked for. */
export function labelsOf(batch: Placed, device: Device): Tensor | null {
  if (batch.onDevice) return batch.onDevice.labels && at(batch.onDevice.labels, device);
  const { labelMap, shape } = batch;
  return labelMap && at(overHost(labelMap, { dtype: "int32", shape: shape.slice(0, 5) }), device);
}

/** A copy of a batch's voxels as float32, wherever they are: the counts of its images. */
export function countsOf(batch: Placed): Float32Array {
  return scope(() => imageOf(batch, "cpu").to({ dtype: "float32" }).data() as Float32Array);
}

function overHost(
  { buffer, byteOffset }: { readonly buffer: SharedArrayBuffer; readonly byteOffset: number },
  how: { readonly dtype: Batch["dtype"] | "int32"; readonly shape: readonly number[] },
): Tensor {
  return Tensor.over(buffer, { ...how, byteOffset });
}

const at = (x: Tensor, device: Device) => (x.device === device ? x : x.to({ device }));
