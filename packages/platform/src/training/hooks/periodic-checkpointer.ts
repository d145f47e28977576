import type { Hook } from "../hook.ts";

export interface PeriodicCheckpointerConfig {
  /** Optimizer steps between saves; null: not by steps. */
  readonly every_steps: number | null;
  /** Epochs between saves; null: not by epochs. */
  readonly every_epochs: number | null;
}

/** Asks for a checkpoint every so many steps, and every so many epochs. */
export function periodicCheckpointer(config: PeriodicCheckpointerConfig): Hook {
  const { every_steps, every_epochs } = config;
  return {
    name: "periodic_checkpointer",
    priority: "low",
    afterStep({ step, save }) {
      if (every_steps !== null && step % every_steps === 0) save();
    },
    afterEpoch({ epoch, save }) {
      if (every_epochs !== null && (epoch + 1) % every_epochs === 0) save();
    },
  };
}
