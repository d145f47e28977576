/** Why a run was asked to stop: the reason of the `AbortSignal` that every verb is handed. */
export class StopRequest extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
    this.name = "AbortError";
    this.signal = signal;
  }
}
