import { type Device, keep, scope, Tensor } from "@cell-observatory/engine";
import type { Batch, StagedVoxels } from "../batch.ts";
import type { VoxelDtype } from "../voxels.ts";

/** A point in a device's work; see `DeviceEvent` of the engine. */
interface LaneEvent {
  record(): void;
  precede(): void;
  readonly isPassed: boolean;
}

/** What copies to a device beside its work; the engine's `CopyStream` is one. */
export interface CopyLane {
  readonly device: Device;
  newEvent(): LaneEvent;
  copy(
    target: Tensor,
    source: Tensor,
    order: { readonly after: LaneEvent | null; readonly copied: LaneEvent },
  ): void;
}

/** What every batch takes at most. */
export interface DeviceBufferConfig {
  /** Batches that have memory on the device at once: the step's, and those on their way. */
  readonly numSlots: number;
  readonly shape: Batch["shape"];
  readonly dtype: VoxelDtype;
  readonly hasLabels: boolean;
}

interface DeviceSlot {
  readonly image: Tensor;
  readonly labels: Tensor | null;
  readonly copied: LaneEvent;
  /** Behind the last operator that was given this memory. */
  readonly used: LaneEvent;
}

/** A batch on its way to the device. */
export interface Staged {
  /** From now on operators may use it: they wait for the copy, on the device. */
  take(): StagedVoxels;
  /** No further operator will be given it. */
  release(): void;
}

interface Copying {
  readonly copied: LaneEvent;
  giveBack(): void;
}

/** How often the device is asked whether a copy is done, while one is under way, in milliseconds. */
const askEveryMs = 1;

/**
 * Memory on a device for a few batches, used in turns. A batch is copied by the lane, beside what the
 * device computes; two orders hold, and nobody waits for the device here:
 *
 * - a copy into a slot begins behind the last use of what was in it (`used`);
 * - the first use of a batch comes behind its copy (`copied`).
 *
 * The host's memory is given back once the device says that the copy is done.
 */
export class DeviceBuffer {
  readonly #lane: CopyLane;
  readonly #slots: readonly DeviceSlot[];
  readonly #free: DeviceSlot[];
  readonly #copying: Copying[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** What the device said when it was asked for its copies; there is no room any more. */
  #failure: { readonly error: unknown } | null = null;
  #whenIdle = Promise.withResolvers<void>();

  constructor(lane: CopyLane, { numSlots, shape, dtype, hasLabels }: DeviceBufferConfig) {
    this.#lane = lane;
    const { device } = lane;
    this.#slots = Array.from({ length: numSlots }, () => {
      const labels = hasLabels
        ? keep(Tensor.empty(shape.slice(0, 5), { dtype: "int32", device }))
        : null;
      const image = keep(Tensor.empty(shape, { dtype, device }));
      const used = lane.newEvent();
      used.record(); // this memory may have been another tensor's, whose work is not done
      return { image, labels, copied: lane.newEvent(), used };
    });
    this.#free = [...this.#slots];
  }

  /** @throws what the device says, once it does not answer for its copies. */
  get hasRoom(): boolean {
    if (this.#failure) throw this.#failure.error;
    return this.#free.length > 0;
  }

  /**
   * Begins to copy a batch.
   *
   * @param giveBack - called once, when the batch's memory on the host was read, also where a copy of
   *   it could not be begun.
   */
  stage(batch: Pick<Batch, "voxels" | "labelMap" | "shape">, giveBack: () => void): Staged {
    const slot = this.#free.shift();
    if (!slot) throw new RangeError("every slot of the device is taken");
    const staged = this.#begun(batch, slot, giveBack);
    return {
      take: () => {
        slot.copied.precede();
        return staged;
      },
      release: () => {
        staged.image.release();
        staged.labels?.release();
        slot.used.record();
        this.#free.push(slot);
      },
    };
  }

  /** Settles when the device has read all of the host's memory that it was given. */
  async idle(): Promise<void> {
    if (this.#copying.length > 0) await this.#whenIdle.promise;
  }

  /** Gives the device's memory back; every batch was released. */
  release(): void {
    for (const { image, labels, copied } of this.#slots) {
      copied.precede(); // the memory's next owner computes; a copy that nobody took may still run
      image.release();
      labels?.release();
    }
  }

  #begun(batch: Parameters<DeviceBuffer["stage"]>[0], slot: DeviceSlot, giveBack: () => void) {
    try {
      return scope(() => this.#copy(batch, slot));
    } catch (error) {
      this.#free.push(slot);
      throw error;
    } finally {
      this.#copying.push({ copied: slot.copied, giveBack }); // a part of it may be on its way
      this.#ask();
    }
  }

  #copy({ voxels, labelMap, shape }: Parameters<DeviceBuffer["stage"]>[0], slot: DeviceSlot) {
    const [B] = shape;
    const { used: after, copied } = slot;
    const image = slot.image.narrow(0, 0, B);
    const { dtype } = image;
    const { buffer, byteOffset } = voxels;
    this.#lane.copy(image, Tensor.over(buffer, { shape, dtype, byteOffset }), { after, copied });
    if (slot.labels === null || labelMap === null) return { image: keep(image), labels: null };
    const labels = slot.labels.narrow(0, 0, B);
    const map = Tensor.over(labelMap.buffer, {
      shape: shape.slice(0, 5),
      dtype: "int32",
      byteOffset: labelMap.byteOffset,
    });
    this.#lane.copy(labels, map, { after: null, copied }); // behind the image's, on the same lane
    return { image: keep(image), labels: keep(labels) };
  }

  /** Gives back what was read. Copies are done in the order in which they were begun. */
  #ask(): void {
    while (this.#copying[0]?.copied.isPassed) this.#copying.shift()?.giveBack();
    if (this.#copying.length === 0) {
      this.#whenIdle.resolve();
      this.#whenIdle = Promise.withResolvers();
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        try {
          this.#ask();
        } catch (error) {
          this.#failure ??= { error }; // thrown to the loop, and not to nobody
        }
      }, askEveryMs);
    }
  }
}
