/**
 * The next batch; null when asked to stop before it came: what was being read for it is given up by
 * whoever leaves the loop.
 *
 * @throws Error when there is no next batch.
 */
export async function nextBatch<Batch>(
  batches: AsyncIterator<Batch>,
  signal: AbortSignal | null,
): Promise<Batch | null> {
  const next = batches.next();
  next.catch(() => {}); // when nobody waits for it any more, it is given up
  const result = await unlessAborted(next, signal);
  if (result?.done === true) throw new Error("the epoch ended before its number of batches");
  return result?.value ?? null;
}

/** What `promise` brings, or null as soon as `signal` is aborted. */
async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | null,
): Promise<T | null> {
  if (signal === null) return await promise;
  let stop = () => {};
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
