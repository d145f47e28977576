import { type Device, keep, op, synchronize, Tensor } from "@cell-observatory/engine";
import type { Batch } from "../batch.ts";

/** Memory that a batch is copied through: page-locked on the host, where there is a GPU, and on the device. */
interface DeviceSlot {
  readonly host: Tensor;
  readonly device: Tensor;
  isUsed: boolean;
}

export interface DeviceBufferOptions {
  /** Batches that have memory on the device at once: one in the hands of the step, one on its way. */
  readonly numSlots?: number;
  /** Whether batches are copied; not on the CPU, unless a test says so. */
  readonly copies?: boolean;
}

/**
 * Brings the voxels of a batch to the device: [B T Z Y X C], in the batch's number type.
 *
 * On the CPU it is a tensor over the batch's own slot, without a copy: it must not be read once the
 * next batch is asked for. On a GPU it is memory that is made once and used in turns; the copy comes
 * from page-locked memory, so that the program goes on while it is under way, and operators that are
 * given to the device afterwards wait for it there. A tensor holds its batch until `numSlots` others
 * were staged.
 */
export class DeviceBuffer {
  readonly #device: Device;
  readonly #copies: boolean;
  readonly #numSlots: number;
  #slots: DeviceSlot[] = [];
  #next = 0;

  constructor(
    device: Device,
    { numSlots = 2, copies = device !== "cpu" }: DeviceBufferOptions = {},
  ) {
    this.#device = device;
    this.#numSlots = numSlots;
    this.#copies = copies;
  }

  /** The time that it takes is added to the batch's report. */
  stage({ voxels, dtype, shape, report }: Pick<Batch, "voxels" | "dtype" | "shape" | "report">) {
    const { buffer, byteOffset } = voxels;
    const batch = Tensor.over(buffer, { shape, dtype, byteOffset });
    if (!this.#copies) return batch;
    const began = performance.now();
    const slot = this.#slotFor(batch);
    const [B] = shape;
    const [host, device] = [slot.host.narrow(0, 0, B), slot.device.narrow(0, 0, B)];
    host.copy_(batch);
    op("aten::copy_")(device, host, true);
    report.copyMs += performance.now() - began;
    return device;
  }

  /** Gives its memory back. */
  release(): void {
    for (const { host, device } of this.#slots) {
      host.release();
      device.release();
    }
    this.#slots = [];
  }

  #slotFor(batch: Tensor): DeviceSlot {
    const [B = 0, ...sample] = batch.shape;
    const [first] = this.#slots;
    const hasRoom =
      first !== undefined &&
      (first.host.shape[0] ?? 0) >= B &&
      first.host.dtype === batch.dtype &&
      sample.every((size, axis) => size === first.host.shape[axis + 1]);
    if (!hasRoom) {
      this.#finish();
      this.release();
      this.#slots = Array.from({ length: this.#numSlots }, () => this.#newSlot(batch));
    }
    const slot = this.#slots[this.#next++ % this.#numSlots];
    if (!slot) throw new RangeError("a device buffer needs a slot at least");
    if (slot.isUsed) this.#finish(); // its last copy may still read the host's memory
    slot.isUsed = true;
    return slot;
  }

  #newSlot({ shape, dtype }: Tensor): DeviceSlot {
    const device = keep(Tensor.empty(shape, { dtype, device: this.#device }));
    const plain = Tensor.empty(shape, { dtype });
    const host = this.#device === "cpu" ? plain : op("aten::_pin_memory")(plain);
    return { host: keep(host), device, isUsed: false };
  }

  #finish(): void {
    synchronize(this.#device);
  }
}
