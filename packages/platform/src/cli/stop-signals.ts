import { StopRequest } from "./stop-request.ts";

/** Signals that ask for a stop: the keyboard, a scheduler's end of time, SLURM's warning. */
const asking: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGUSR1"];

interface SignalSource {
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
}

interface StopPolicy {
  readonly source: SignalSource;
  /** Tells the user that the first signal has been heard. */
  note(text: string): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/**
 * The first signal aborts, and does nothing else: whoever runs finishes its step and saves. The
 * second ends the process, whatever runs.
 */
export function stopOnSignals({ source, note, exit }: StopPolicy): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const listener = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) exit(130);
    else {
      note(`${name}: stopping after this step; once more stops at once`);
      controller.abort(new StopRequest(name));
    }
  };
  for (const name of asking) source.on(name, listener);
  const release = () => {
    for (const name of asking) source.off(name, listener);
  };
  return { signal: controller.signal, release };
}
