import { type Checkpoint, CheckpointSaveError, type CheckpointStore } from "../checkpoint/index.ts";
import type { Clock, EventRecorder } from "../telemetry/index.ts";
import type { SaveRequest } from "./hook.ts";

export interface CheckpointSaverParts {
  readonly store: CheckpointStore;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  /** Everything as it is now. */
  checkpoint(): Checkpoint;
  /** The epoch that runs. */
  epoch(): number;
}

/**
 * Saves a run when its hooks ask for it. While the disk does not take a save, training goes on, and
 * another is tried when a hook asks, or after a while; it ends when the disk has been given time
 * often enough.
 */
export class CheckpointSaver {
  readonly #parts: CheckpointSaverParts;
  /** What hooks asked for since the last save. */
  #asked: readonly SaveRequest[] = [];
  /** How often the disk was given time since a save went well, and until when it has it. */
  #failed: { readonly times: number; readonly retryAtMs: number } | null = null;

  constructor(parts: CheckpointSaverParts) {
    this.#parts = parts;
  }

  ask(request: SaveRequest): void {
    this.#asked = [...this.#asked, request];
  }

  /** @throws {@link CheckpointSaveError} when the disk had time often enough. */
  async saveIfAsked(): Promise<void> {
    const { clock } = this.#parts;
    const isRetryDue = this.#failed !== null && clock.now() >= this.#failed.retryAtMs;
    if (this.#asked.length === 0 && !isRetryDue) return;
    try {
      await this.save();
    } catch (error) {
      if (!(error instanceof CheckpointSaveError)) throw error;
      for (const { ifFailed } of this.#asked) ifFailed?.();
      this.#asked = [];
      if (this.#failed === null || isRetryDue) this.#giveTime(error);
    }
  }

  /** Saves now; the log is on disk before, so that no save is ahead of its log. */
  async save(): Promise<void> {
    const { store, recorder, checkpoint, epoch } = this.#parts;
    const now = checkpoint();
    const place = { step: now.step, epoch: epoch() };
    recorder.sync();
    const isBest = this.#asked.some((request) => request.isBest === true);
    const name = await store.save(now, { isBest });
    recorder.emit({ kind: "checkpoint", ...place, path: `checkpoints/${name}` });
    if (this.#failed !== null) {
      const message = `the checkpoint of step ${now.step} is saved`;
      recorder.emit({ kind: "note", ...place, level: "info", code: null, message });
    }
    this.#asked = [];
    this.#failed = null;
  }

  #giveTime(error: CheckpointSaveError): void {
    const { recorder, clock, epoch } = this.#parts;
    const times = (this.#failed?.times ?? 0) + 1;
    if (times >= mostTimes) throw error;
    if (times === 1) {
      const { step, code } = error;
      const message = `${error.message}; training goes on, and tries again in ${pauseMs / 1000} s`;
      recorder.emit({ kind: "note", step, epoch: epoch(), level: "warning", code, message });
    }
    this.#failed = { times, retryAtMs: clock.now() + pauseMs };
  }
}

/** After so many pauses, the disk will not come back. */
const mostTimes = 5;
const pauseMs = 30_000;
