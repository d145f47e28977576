import { z } from "zod";
import { CellError } from "../errors/index.ts";
import type { LogPosition } from "../telemetry/index.ts";
import type { DataIdentity } from "./data-identity.ts";
import { keptData } from "./hooks/data-keeper.ts";

const count = z.int().nonnegative();

/** `state.json` of a checkpoint: everything about a run that is no tensor. */
export const TrainingState = z
  .strictObject({
    step: count.describe("optimizer steps that are done"),
    epoch: count.describe("the epoch that runs next, or goes on, from 0"),
    step_in_epoch: count.describe("steps of that epoch that are done"),
    optimizer_steps: count,
    rng: z.base64().describe("state of the generator behind dropout and drop path"),
    hooks: z.record(z.string(), z.unknown()).describe("state of each hook, by name"),
    recorder: z.unknown().describe("values of the epoch that is not over"),
    finished: z.string().nullable().describe("why training is over; null: it is not"),
  })
  .readonly();
export type TrainingState = z.infer<typeof TrainingState>;

/** `state.json` of a checkpoint is whole, but not what this version of the program writes. */
export class TrainingStateError extends CellError {
  readonly code = "CHECKPOINT_STATE";
  readonly hint =
    "Go on with the version of the program that wrote it (run.json has its commit), or start over with --fresh.";

  constructor(error: z.ZodError) {
    super(`state.json of the checkpoint is of another version: ${z.prettifyError(error)}`, {
      cause: error,
    });
  }
}

/** @throws {@link TrainingStateError} */
export function parseTrainingState(state: unknown): TrainingState {
  const result = TrainingState.safeParse(state);
  if (!result.success) throw new TrainingStateError(result.error);
  return result.data;
}

/** Where the run of a saved state goes on. */
export function positionOf(state: unknown): LogPosition {
  const { step, epoch } = parseTrainingState(state);
  return { step, epoch };
}

/** The data that a saved state was trained on; null when it was saved before that was kept. */
export function keptDataOf(state: unknown): DataIdentity | null {
  return keptData(parseTrainingState(state).hooks);
}
