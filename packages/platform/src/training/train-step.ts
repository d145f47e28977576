import { autocast, backward, scope } from "@cell-observatory/engine";
import type { TrainableModel } from "../models/index.ts";
import type { Scalars } from "../telemetry/index.ts";

/** Number type of activations; weights, gradients and optimizer state stay float32. */
export type Precision = "float32" | "bfloat16";

/** What a forward pass needs: the model, and what makes a loaded batch ready for it. */
export interface ForwardParts<Batch, Ready> {
  readonly model: TrainableModel<Ready>;
  /** Casts, transforms and masks a batch; its tensors live as long as the step. */
  readonly prepare: (batch: Batch) => Ready;
  readonly precision: Precision;
  readonly device: "cpu" | "cuda";
}

/** The loss of one batch and what it consists of, as numbers. */
export interface LossReport {
  readonly loss: number;
  readonly parts: Scalars;
}

/**
 * Forward and backward of one micro-batch: adds `weight` times its gradients to the parameters'.
 * With the micro-batch's part of the step's samples as `weight`, micro-batches add up to the gradient
 * of the mean loss of all samples.
 */
export function forwardBackward<Batch, Ready>(
  parts: ForwardParts<Batch, Ready>,
  batch: Batch,
  weight: number,
): LossReport {
  return scope(() => {
    const output = forward(parts, batch);
    backward(weight === 1 ? output.loss : output.loss.mul(weight));
    return report(output);
  });
}

/** The loss of one batch, without gradients when the caller says so (`noGrad`). */
export function forwardOnly<Batch, Ready>(
  parts: ForwardParts<Batch, Ready>,
  batch: Batch,
): LossReport {
  return scope(() => report(forward(parts, batch)));
}

type Losses<Ready> = Pick<ReturnType<TrainableModel<Ready>["forward"]>, "loss" | "parts">;

/** In a scope of its own: when the backward pass begins, only what it needs is still there. */
function forward<Batch, Ready>(
  { model, prepare, precision, device }: ForwardParts<Batch, Ready>,
  batch: Batch,
): Losses<Ready> {
  return scope(() => {
    const ready = prepare(batch);
    const enabled = precision === "bfloat16";
    const options = { device, dtype: "bfloat16", enabled } as const;
    const { loss, parts } = autocast(options, () => model.forward(ready));
    return { loss, parts };
  });
}

function report<Ready>({ loss, parts }: Losses<Ready>): LossReport {
  const numbers = Object.entries(parts).map(([name, part]) => [name, Number(part.item())]);
  return { loss: Number(loss.item()), parts: Object.fromEntries(numbers) };
}
