import { type Device, PageLock } from "@cell-observatory/engine";
import { DataError } from "../../images/index.ts";
import { bytesPerVoxel, type VoxelArray, type VoxelDtype, voxelsIn } from "../voxels.ts";

/** One batch's worth of the host buffer; it belongs to who acquired it, until released. */
export interface Slot {
  readonly index: number;
  readonly voxels: VoxelArray;
  /** Beside the voxels, one label for all channels; null when no labels are asked for. */
  readonly labels: Int32Array<SharedArrayBuffer> | null;
}

export interface HostMemoryConfig {
  readonly numSlots: number;
  readonly slotVoxels: number;
  /** 0: none. */
  readonly slotLabels?: number;
  readonly dtype?: VoxelDtype;
  /** Whether a device reads from it by itself: then its pages are asked to stay where they are. */
  readonly locksPages?: boolean;
}

/**
 * A fixed number of slots in one piece of shared memory. Who asks for a slot when none is free
 * waits: that is the back-pressure of the whole loader.
 *
 * The memory has no name: it is the process's own, and goes with it, however that ends. Locks of
 * its pages go with this object, before the memory does.
 */
export class HostMemoryBuffer {
  readonly #free: Slot[];
  readonly #taken = new Set<Slot>();
  readonly #waiting: ((slot: Slot) => void)[] = [];
  readonly #locks: readonly PageLock[];
  readonly #bytes: number;

  /** @throws {@link DataError} DATA_MEMORY. */
  constructor(config: HostMemoryConfig) {
    const { numSlots, slotVoxels, slotLabels = 0, dtype = "uint16", locksPages = false } = config;
    const bytes = [
      numSlots * slotVoxels * bytesPerVoxel(dtype),
      numSlots * slotLabels * Int32Array.BYTES_PER_ELEMENT,
    ] as const;
    const [memory, labels] = sharedMemory(bytes, numSlots);
    this.#bytes = bytes[0] + bytes[1];
    const locked = locksPages ? [memory, labels].filter(({ byteLength }) => byteLength > 0) : [];
    this.#locks = locked.map((buffer) => new PageLock(buffer));
    this.#free = Array.from({ length: numSlots }, (_, index) => ({
      index,
      voxels: voxelsIn(memory, dtype, { start: index * slotVoxels, length: slotVoxels }),
      labels:
        slotLabels === 0
          ? null
          : new Int32Array(labels, index * slotLabels * Int32Array.BYTES_PER_ELEMENT, slotLabels),
    }));
  }

  /** How a device can read from it, as a sentence. */
  noteFor(device: Device): string {
    const { whyNot = null } = this.#locks.find(({ whyNot }) => whyNot !== null) ?? {};
    const memory = `batches wait in ${(this.#bytes / 2 ** 30).toFixed(2)} GiB of host memory, which is`;
    return whyNot === null
      ? `${memory} page-locked: copies to ${device} go on while steps run`
      : `${memory} not page-locked (${whyNot}): copies to ${device} hold up the steps`;
  }

  get numFree(): number {
    return this.#free.length;
  }

  /** The next free slot, first come first served. */
  async acquire(signal?: AbortSignal): Promise<Slot> {
    signal?.throwIfAborted();
    const slot = this.#free.pop(); // the last one that was used: memory of others is not touched yet
    if (slot) {
      this.#taken.add(slot);
      return slot;
    }
    return new Promise((resolve, reject) => {
      const take = (given: Slot) => {
        signal?.removeEventListener("abort", leave);
        resolve(given);
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(take);
    });
  }

  release(slot: Slot): void {
    if (!this.#taken.has(slot)) throw new RangeError(`slot ${slot.index} is free already`);
    const next = this.#waiting.shift();
    if (next) {
      next(slot);
    } else {
      this.#taken.delete(slot);
      this.#free.push(slot);
    }
  }
}

function sharedMemory([voxels, labels]: readonly [number, number], numSlots: number) {
  try {
    return [new SharedArrayBuffer(voxels), new SharedArrayBuffer(labels)] as const;
  } catch (cause) {
    const gib = ((voxels + labels) / 2 ** 30).toFixed(1);
    const message = `there is no memory for ${numSlots} batches at once, which take ${gib} GiB`;
    throw new DataError("DATA_MEMORY", message, { cause });
  }
}
