import { engine } from "./binding.ts";

/** Threads that one operator may use on the CPU. */
export function getNumThreads(): number {
  return engine().getNumThreads();
}

export function setNumThreads(count: number): void {
  engine().setNumThreads(count);
}
