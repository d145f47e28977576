/** How long to train and how to step; see the config groups of the same keys. */
export interface RunPlan {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Batches whose gradients make one optimizer step; an epoch's last step may have fewer. */
  readonly batchesPerStep: number;
  readonly clip_grad: number | null;
  readonly val_begin: number;
  readonly val_interval: number;
  readonly val_max_batches: number | null;
}

/** Where a run is: optimizer steps that are done, in all and of the epoch that runs, from 0. */
export interface Position {
  readonly step: number;
  readonly epoch: number;
  readonly stepInEpoch: number;
}

/** Whether the epoch has had its steps, or the run all of them. */
export function isEpochThrough(
  { stepsPerEpoch, totalSteps }: RunPlan,
  { step, stepInEpoch }: Position,
): boolean {
  return stepInEpoch >= stepsPerEpoch || step >= totalSteps;
}

/** Every so many epochs, and after the last one, so that what training ends with is judged. */
export function isValidationDue(
  { val_begin, val_interval, totalSteps }: RunPlan,
  { step, epoch }: Position,
): boolean {
  const since = epoch - val_begin;
  return since >= 0 && (since % val_interval === 0 || step >= totalSteps);
}

/** Batches of the step to come: an epoch's last step takes what is left of the epoch. */
export function numBatchesOfStep(
  { batchesPerStep }: RunPlan,
  { stepInEpoch }: Position,
  batchesPerEpoch: number,
): number {
  return Math.max(1, Math.min(batchesPerStep, batchesPerEpoch - stepInEpoch * batchesPerStep));
}
