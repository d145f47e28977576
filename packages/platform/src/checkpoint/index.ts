export type { Checkpoint } from "./checkpoint.ts";
export {
  CheckpointSaveError,
  CorruptCheckpointError,
  NoCheckpointError,
} from "./checkpoint-errors.ts";
export { type Disk, localDisk, type TensorTable } from "./disk.ts";
export { failpoint } from "./failpoint.ts";
export type { KeepPolicy } from "./keep-policy.ts";
export { openCheckpoints } from "./open-checkpoints.ts";
export { CheckpointStore, type Pointer } from "./store.ts";
export { loadTensorTable, tensorTable } from "./tensor-table.ts";
