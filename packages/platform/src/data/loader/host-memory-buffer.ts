/** One batch's worth of the host buffer; it belongs to who acquired it, until released. */
export interface Slot {
  readonly index: number;
  readonly voxels: Uint16Array<SharedArrayBuffer>;
}

/**
 * A fixed number of slots in one piece of shared memory. Who asks for a slot when none is free
 * waits: that is the back-pressure of the whole loader.
 */
export class HostMemoryBuffer {
  readonly #free: Slot[];
  readonly #taken = new Set<Slot>();
  readonly #waiting: ((slot: Slot) => void)[] = [];

  constructor({
    numSlots,
    slotVoxels,
  }: { readonly numSlots: number; readonly slotVoxels: number }) {
    const memory = new SharedArrayBuffer(numSlots * slotVoxels * Uint16Array.BYTES_PER_ELEMENT);
    this.#free = Array.from({ length: numSlots }, (_, index) => {
      const start = index * slotVoxels * Uint16Array.BYTES_PER_ELEMENT;
      return { index, voxels: new Uint16Array(memory, start, slotVoxels) };
    });
  }

  get numFree(): number {
    return this.#free.length;
  }

  /** The next free slot, first come first served. */
  async acquire(signal?: AbortSignal): Promise<Slot> {
    signal?.throwIfAborted();
    const slot = this.#free.shift();
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
