import { scope, Tensor } from "@cell-observatory/engine";
import { type TensorTable, tensorTable } from "../checkpoint/index.ts";
import type { SampleBatch } from "./batch-source.ts";
import type { ForwardParts } from "./train-step.ts";

/** A batch as a model saw it, taken out of the memory that the next one overwrites. */
export interface BatchSnapshot {
  /** What names and places its samples. */
  readonly samples: Pick<SampleBatch, "sampleIds" | "number" | "samples" | "records" | "origins">;
  /** What the model was fed, by the names that it has for it: voxels, masks. */
  readonly tensors: TensorTable;
  /** Tensors that there was no room for. */
  readonly leftOut: readonly string[];
}

/**
 * Prepares the batch once more: flips and masks are drawn from its place, so they come out the same.
 *
 * @param mostBytes - of tensors; the largest are left out first.
 */
export function batchSnapshot<Batch extends SampleBatch, Ready>(
  { prepare }: Pick<ForwardParts<Batch, Ready>, "prepare">,
  batch: Batch,
  mostBytes = 2 ** 29,
): BatchSnapshot {
  const { sampleIds, number, samples, records, origins } = batch;
  const all = scope(() => {
    const fed = Object.entries(prepare(batch) as object).filter(
      (entry): entry is [string, Tensor] => entry[1] instanceof Tensor,
    );
    return [...tensorTable(new Map(fed))].map(
      // a copy: what needs no preparing may be the loader's own memory
      ([name, tensor]) => [name, { ...tensor, bytes: tensor.bytes.slice() }] as const,
    );
  });
  let room = mostBytes;
  const smallestFirst = all.toSorted(([, a], [, b]) => a.bytes.length - b.bytes.length);
  const taken = smallestFirst.filter(([, { bytes }]) => {
    room -= bytes.length;
    return room >= 0;
  });
  return {
    samples: { sampleIds, number, samples, records, origins },
    tensors: new Map(taken),
    leftOut: smallestFirst.slice(taken.length).map(([name]) => name),
  };
}
