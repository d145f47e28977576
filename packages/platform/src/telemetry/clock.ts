/** Where time comes from. Passed in, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970, never going backwards. */
  now(): number;
}

export const systemClock: Clock = { now: () => performance.timeOrigin + performance.now() };
