import { StopRequest } from "./stop-request.ts";

/** Signals that ask for a stop: the keyboard, a scheduler's end of time, SLURM's warning. */
const asking: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGUSR1"];

/**
 * npm hands on to `cello` a Ctrl-C that the terminal has sent to both, and SLURM may signal a whole
 * tree of processes: the same signal so soon after the first is its echo, and no second wish.
 */
const echoMs = 1000;

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
  /** Milliseconds, from any origin. */
  now(): number;
}

/**
 * The first signal aborts, and does nothing else: whoever runs finishes its step and saves. The
 * second ends the process, whatever runs.
 */
export function stopOnSignals({ source, note, exit, now }: StopPolicy): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let first: { readonly name: NodeJS.Signals; readonly atMs: number } | null = null;
  const listener = (name: NodeJS.Signals) => {
    if (first === null) {
      first = { name, atMs: now() };
      note(`${name}: stopping after this step; once more stops at once`);
      controller.abort(new StopRequest(name));
    } else if (name !== first.name || now() - first.atMs > echoMs) exit(130);
  };
  for (const name of asking) source.on(name, listener);
  const release = () => {
    for (const name of asking) source.off(name, listener);
  };
  return { signal: controller.signal, release };
}
