/** Why a run was asked to stop: the reason of the `AbortSignal` that every verb is handed. */
export class StopRequest {
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    this.signal = signal;
  }
}
