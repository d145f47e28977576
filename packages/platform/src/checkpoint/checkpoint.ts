import type { TensorTable } from "./disk.ts";

/** Everything that a run needs to go on from `step`. `state` is plain JSON. */
export interface Checkpoint {
  readonly step: number;
  readonly model: TensorTable;
  readonly optimizer: TensorTable;
  readonly state: unknown;
}
