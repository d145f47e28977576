import { native } from "./binding.ts";
import { nativeError } from "./errors.ts";

let lastId = 0;

/**
 * Runs one native job to its end, or to the signal's.
 *
 * The promise settles only when no thread touches the job's memory any more, also after an abort.
 * Once the signal has been aborted it rejects with the signal's reason, whatever became of the job.
 */
export async function runJob<T>(
  begin: (id: number) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  lastId = (lastId + 1) >>> 0;
  const id = lastId;
  const abort = () => native().abort(id);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const result = await begin(id);
    signal?.throwIfAborted(); // it may have been too late to stop the job
    return result;
  } catch (thrown) {
    signal?.throwIfAborted();
    throw nativeError(thrown);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
