import { engine } from "./binding.ts";

/** CPU memory of tensors, in the whole process. */
export interface MemoryStats {
  /** Asked for and not yet freed. */
  readonly liveBytes: number;
  /** The most that was live since the start or {@link resetPeak}. */
  readonly peakBytes: number;
  /** Taken from the system: what is live, rounded up, and freed blocks kept for later. */
  readonly reservedBytes: number;
  /** Blocks given out since the start. */
  readonly allocations: number;
}

export function memoryStats(): MemoryStats {
  const [liveBytes, peakBytes, reservedBytes, allocations] = engine().memoryStats();
  return { liveBytes, peakBytes, reservedBytes, allocations };
}

/** Makes what is live now the new peak. */
export function resetPeak(): void {
  engine().resetPeak();
}

/** Gives the freed blocks that the allocator keeps back to the system. */
export function emptyCache(): void {
  engine().emptyCache();
}
