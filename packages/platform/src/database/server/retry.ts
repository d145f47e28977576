import { setTimeout } from "node:timers/promises";

/** How often, and after which pauses, a server is asked again that did not answer. */
export interface RetryPolicy {
  /** Attempts for a server that has answered once; one that never did gets `firstAttempts`. */
  readonly attempts: number;
  readonly firstAttempts: number;
  readonly firstDelayMs: number;
  readonly mostDelayMs: number;
  /** Uniform in [0, 1): spreads those who lost the same server at the same time. */
  random(): number;
  wait(delayMs: number, signal: AbortSignal | undefined): Promise<void>;
}

/** Half a minute in all for a server that goes away, two seconds for one that was never there. */
export const patientRetries: RetryPolicy = {
  attempts: 8,
  firstAttempts: 4,
  firstDelayMs: 250,
  mostDelayMs: 16_000,
  random: Math.random,
  wait: async (delayMs, signal) => {
    await setTimeout(delayMs, undefined, signal === undefined ? {} : { signal });
  },
};

/** The pause after a failed attempt, counted from 1: doubled each time, of which half is drawn. */
export function delayAfter(attempt: number, policy: RetryPolicy): number {
  const whole = Math.min(policy.mostDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  return (whole / 2) * (1 + policy.random());
}
