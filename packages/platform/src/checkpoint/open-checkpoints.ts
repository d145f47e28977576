import type { Checkpoint } from "./checkpoint.ts";
import { NoWholeCheckpointError } from "./checkpoint-errors.ts";
import { CheckpointStore, type CheckpointStoreConfig } from "./store.ts";

export interface OpenCheckpointsOptions extends CheckpointStoreConfig {
  /** Told, in a sentence, of each checkpoint that is damaged. */
  note(text: string): void;
}

/** A run's store, and where to go on from. */
export interface OpenCheckpoints {
  readonly store: CheckpointStore;
  /** null: begin from the start. */
  readonly checkpoint: Checkpoint | null;
}

/**
 * Opens the checkpoints of a run to write to them: cleans up after an interrupted save, reads the
 * newest one that is whole, and takes damaged newer ones out of the list.
 *
 * @throws {@link NoWholeCheckpointError} when there are some, and all of them are damaged: to start
 *   over is for the user to decide. They stay as they are.
 */
export async function openCheckpoints(options: OpenCheckpointsOptions): Promise<OpenCheckpoints> {
  const store = new CheckpointStore(options);
  await store.prepare();
  const { checkpoint, damaged } = await store.loadNewestWhole();
  const [newest] = damaged;
  if (checkpoint === null) {
    if (newest !== undefined) throw new NoWholeCheckpointError(options.folder, newest);
    return { store, checkpoint };
  }
  for (const error of damaged) {
    const aside = await store.setAside(error.path);
    const next = `going back to step ${checkpoint.step}`;
    options.note(`${error.message}; ${next}; what is left of it is kept as ${aside}`);
  }
  await store.repairPointers(checkpoint.step);
  return { store, checkpoint };
}
