import { resolve } from "node:path";
import { engine } from "./binding.ts";

export interface ProfileOptions {
  /** The file to write: Chrome JSON, for chrome://tracing or ui.perfetto.dev. */
  readonly path: string;
  /** Records the shapes of the operators' arguments. */
  readonly shapes?: boolean | undefined;
  /** Records CUDA kernels too. */
  readonly cuda?: boolean | undefined;
}

/**
 * Records which operators this thread runs during `fn`, and how long they take.
 *
 * When `fn` returns a promise, the profile ends, and is written, when it settles. The file is
 * written also when `fn` throws, or the process ends.
 *
 * @throws {@link EngineError} before `fn` is called when a profile is being recorded already, or the
 *   file cannot be written.
 */
export function profile<T>({ path, shapes = false, cuda = false }: ProfileOptions, fn: () => T): T {
  const native = engine();
  const file = resolve(path); // the working folder may be another one at the end
  native.startProfiler(file, shapes, cuda);
  const write = () => native.stopProfiler(file);
  // libtorch does not survive the end of a process in which a profile goes on.
  process.once("exit", write);
  const stop = () => {
    process.off("exit", write);
    write();
  };
  let result: T;
  try {
    result = fn();
  } catch (error) {
    stop();
    throw error;
  }
  if (result instanceof Promise) return result.finally(stop) as T;
  stop();
  return result;
}
