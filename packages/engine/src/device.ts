import { engine } from "./binding.ts";

/** Where a tensor's memory is. */
export type Device = "cpu" | `cuda:${number}`;

/** How many CUDA devices libtorch can use: 0 without a driver, or with a CPU build. */
export function cudaDeviceCount(): number {
  return engine().cudaDeviceCount();
}

/** Waits until all work given to a device is done. On the CPU it always is. */
export function synchronize(device: Device): void {
  engine().synchronize(device);
}
