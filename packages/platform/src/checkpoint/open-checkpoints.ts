import { type Checkpoint, CheckpointStore, type CheckpointStoreConfig } from "./store.ts";

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
 */
export async function openCheckpoints(options: OpenCheckpointsOptions): Promise<OpenCheckpoints> {
  const store = new CheckpointStore(options);
  await store.prepare();
  const { checkpoint, damaged } = await store.loadNewestWhole();
  for (const error of damaged) {
    const aside = await store.setAside(error.path);
    const next = checkpoint === null ? "starting over" : `going back to step ${checkpoint.step}`;
    options.note(`${error.message}; ${next}; what is left of it is kept as ${aside}`);
  }
  if (damaged.length > 0 && checkpoint !== null) await store.point("latest", checkpoint.step);
  return { store, checkpoint };
}
