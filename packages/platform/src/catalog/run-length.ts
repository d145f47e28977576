import type { RunConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";
import { DataError } from "../images/index.ts";
import type { RunLength } from "../training/index.ts";

/** Warm-up and cool-down leave nothing of the run for the cosine. */
export class ScheduleLengthError extends CellError {
  readonly code = "CONFIG_SCHEDULE";
  readonly hint = "Shorten schedulers.warmup or schedulers.cooldown, or train longer.";

  constructor(
    unit: string,
    { warmup, cooldown, length }: Record<"warmup" | "cooldown" | "length", number>,
  ) {
    super(
      `warm-up (${warmup}) and cool-down (${cooldown}) take ${warmup + cooldown} ${unit}s, but the run has ${length}`,
    );
  }
}

export interface EpochBatches {
  readonly batchesPerEpoch: number;
  readonly batchesPerStep: number;
  /** What becomes of samples that make no whole batch. */
  readonly lastBatch: "drop" | "pad" | "keep";
}

/** What a config says of an epoch's incomplete last batch, by either of its keys. */
export function lastBatchOf({ datasets }: Pick<RunConfig, "datasets">): EpochBatches["lastBatch"] {
  const { last_batch_policy, drop_last_policy } = datasets;
  return last_batch_policy ?? (drop_last_policy === false ? "keep" : "drop");
}

/**
 * How many optimizer steps a run has: `epochs` times the steps of an epoch, or `max_steps`, whichever
 * is less.
 *
 * Where the loader keeps an epoch's incomplete last batch (`keep`, `pad`), the epoch's last step takes
 * the micro-batches that are left, however few; otherwise these are left out as well.
 *
 * @param batchesPerEpoch - of the loader; an optimizer step takes `batchesPerStep` of them.
 * @throws {@link ScheduleLengthError}; {@link DataError} DATA_EMPTY when an epoch makes no step.
 */
export function runLength(
  { trainer, schedulers }: Pick<RunConfig, "trainer" | "schedulers">,
  { batchesPerEpoch, batchesPerStep, lastBatch }: EpochBatches,
): RunLength {
  const steps = batchesPerEpoch / batchesPerStep;
  const stepsPerEpoch = lastBatch === "drop" ? Math.floor(steps) : Math.ceil(steps);
  if (stepsPerEpoch === 0) {
    const message = `an optimizer step takes ${batchesPerStep} micro-batches, but an epoch has ${batchesPerEpoch}`;
    throw new DataError("DATA_EMPTY", message, {
      hint: "Lower clusters.batch_size, raise datasets.samples_per_epoch, or catalogue more.",
    });
  }
  const byEpochs =
    trainer.epochs === null ? Number.POSITIVE_INFINITY : trainer.epochs * stepsPerEpoch;
  const totalSteps = Math.min(byEpochs, trainer.max_steps ?? Number.POSITIVE_INFINITY);
  const { warmup, cooldown, update_type } = schedulers;
  const length = update_type === "epoch" ? Math.ceil(totalSteps / stepsPerEpoch) : totalSteps;
  if (warmup + cooldown > length)
    throw new ScheduleLengthError(update_type, { warmup, cooldown, length });
  return { totalSteps, stepsPerEpoch };
}
