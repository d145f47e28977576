import { type Device, Tensor } from "@cell-observatory/engine";
import type { Batch } from "../batch.ts";

/**
 * Brings the voxels of a batch to the device: [B T Z Y X C], uint16.
 *
 * On the CPU it is a tensor over the batch's own slot, without a copy: it must not be read once the
 * next batch is asked for. On a GPU it is a copy.
 */
export class DeviceBuffer {
  readonly #device: Device;

  constructor(device: Device) {
    this.#device = device;
  }

  stage({ voxels, shape }: Batch): Tensor {
    const { buffer, byteOffset } = voxels;
    const host = Tensor.over(buffer, { shape, dtype: "uint16", byteOffset });
    return this.#device === "cpu" ? host : host.to({ device: this.#device });
  }
}
