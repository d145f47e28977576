/** Until when something is waited for. */
export interface Patience {
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** What to throw when the time is over. */
  tooLate(): Error;
}

/**
 * What `wait` brings. It is given a promise that rejects when the time is over, or with the signal's
 * reason once that is aborted, and is to wait for nothing beyond that.
 */
export async function inTime<T>(
  { seconds, signal, tooLate }: Patience,
  wait: (late: Promise<never>) => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {}); // when nothing was waited for
  const leave = () => late.reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  const timer = setTimeout(() => late.reject(tooLate()), 1000 * seconds);
  try {
    return await wait(late.promise);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
  }
}

/** Settles with `work`, or after so many seconds without it. */
export async function forAtMost(seconds: number, work: Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, 1000 * seconds);
  await Promise.race([work, over.promise]);
  clearTimeout(timer);
}
