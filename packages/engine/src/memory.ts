import { engine } from "./binding.ts";
import type { Device } from "./device.ts";

/** Memory of tensors on one device, in the whole process. */
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

export function memoryStats(device: Device = "cpu"): MemoryStats {
  const [liveBytes, peakBytes, reservedBytes, allocations] = engine().memoryStats(device);
  return { liveBytes, peakBytes, reservedBytes, allocations };
}

/** Makes what is live now the new peak. */
export function resetPeak(device: Device = "cpu"): void {
  engine().resetPeak(device);
}

/** Gives the freed blocks that the allocator keeps back to the system. */
export function emptyCache(device: Device = "cpu"): void {
  engine().emptyCache(device);
}
