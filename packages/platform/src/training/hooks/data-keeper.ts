import { CellError } from "../../errors/index.ts";
import { DataIdentity, dataDifference } from "../data-identity.ts";
import type { Hook } from "../hook.ts";

/** A run would go on with other data than it was trained on. */
export class DataChangedError extends CellError {
  readonly code = "RUN_DATA";
  readonly hint =
    "Bring the data back as they were, go on with the new ones by --accept-new-data, or start over with --fresh (the run is kept under another name).";

  constructor(difference: string) {
    super(`the data are not those that the run was trained on: ${difference}`);
  }
}

export interface DataKeeperConfig {
  readonly data: DataIdentity;
  /** Whether the run may go on with other data. */
  readonly acceptsNew: boolean;
  /** Told, in a sentence, when it does. */
  note(text: string): void;
}

const name = "data_keeper";

/**
 * Keeps with a checkpoint which data a run is trained on: it does nothing else, and refuses to go on
 * with others.
 */
export function dataKeeper({ data, acceptsNew, note }: DataKeeperConfig): Hook<DataIdentity> {
  return {
    name,
    saveState: () => data,
    loadState: (saved) => {
      const difference = dataDifference(saved, data);
      if (difference === null) return;
      if (!acceptsNew) throw new DataChangedError(difference);
      note(`going on with other data: ${difference}`);
    },
  };
}

/** What the hook kept, out of the states of all hooks; null in a checkpoint of before there was one. */
export function keptData(hooks: Readonly<Record<string, unknown>>): DataIdentity | null {
  return name in hooks ? DataIdentity.parse(hooks[name]) : null;
}
