import { Tensor, where } from "@cell-observatory/engine";
import type { PreprocessorConfig } from "../../config/index.ts";
import { DataError } from "../../images/index.ts";
import type { Batch, SampleTargets } from "../batch.ts";
import { inLayout, labelled, preparer, type TaskParts } from "./prepare.ts";
import { noTargets, type TaskBatch } from "./task-batch.ts";

/**
 * The class of each voxel. With the classes `boundary` and `foreground` they follow from the
 * instances: a voxel of an object is boundary where a neighbour along Z, Y or X is known not to be of
 * the same object, and foreground elsewhere. Other classes are those of the objects, in their order.
 * Classes count from 1; 0 is background, -1 ignored.
 *
 * @throws {@link DataError} DATA_LABELS when the batch has no labels, or a class that has no name.
 */
export function semanticSegmentationPreprocessor(
  config: PreprocessorConfig,
  parts: TaskParts,
): (batch: Batch) => TaskBatch {
  const prepare = preparer(config, parts, { clean: false });
  const names = config.semantic_classes ?? ["boundary", "foreground"];
  const [boundary, foreground] = ["boundary", "foreground"].map((name) => names.indexOf(name) + 1);
  const isOfInstances = names.length === 2 && boundary !== 0 && foreground !== 0;
  return (batch) => {
    const { image, valid, labels, objects } = labelled(prepare(batch), config.kind);
    const classes = isOfInstances
      ? ofInstances(labels, boundary ?? 1, foreground ?? 2)
      : ofObjects(labels, objects, names, batch.sampleIds);
    const space = inLayout(classes.unsqueeze(-1), parts).squeeze(-1);
    return {
      ...noTargets,
      video: inLayout(image, parts),
      valid: valid && inLayout(valid, parts),
      classes: space,
    };
  };
}

/** @param labels - [B T Z Y X] int32. */
function ofInstances(labels: Tensor, boundary: number, foreground: number): Tensor {
  const isEdge = Tensor.zeros(labels.shape, { dtype: "uint8", device: labels.device });
  for (const axis of [2, 3, 4]) {
    const size = labels.shape[axis] ?? 1;
    if (size < 2) continue;
    const [near, far] = [labels.narrow(axis, 0, size - 1), labels.narrow(axis, 1, size - 1)];
    // What is ignored (-1) may be the same object, as may what lies beyond the sample.
    const differs = near.ne(far).to({ dtype: "uint8" });
    differs.mul_(near.minimum(far).ge(0).to({ dtype: "uint8" }));
    isEdge.narrow(axis, 0, size - 1).add_(differs);
    isEdge.narrow(axis, 1, size - 1).add_(differs);
  }
  const inside = where(isEdge.ne(0), labels.mul(0).add(boundary), labels.mul(0).add(foreground));
  return where(labels.gt(0), inside, labels.clamp(-1, 0)).to({ dtype: "int64" });
}

function ofObjects(
  labels: Tensor,
  objects: readonly SampleTargets[],
  names: readonly string[],
  sampleIds: readonly string[],
): Tensor {
  const ids = labels.data() as Int32Array;
  const size = ids.length / Math.max(objects.length, 1);
  const classes = new BigInt64Array(ids.length);
  objects.forEach((row, b) => {
    checkNames(row, names, sampleIds[b] ?? "");
    const classOf = new Map(Array.from(row.ids, (id, n) => [id, BigInt((row.labels[n] ?? 0) + 1)]));
    for (let i = b * size; i < (b + 1) * size; i++) {
      const id = ids[i] ?? 0;
      classes[i] = id > 0 ? (classOf.get(id) ?? 0n) : BigInt(id < 0 ? -1 : 0);
    }
  });
  return Tensor.from(classes, { shape: labels.shape, device: labels.device });
}

function checkNames(
  { ids, labels }: SampleTargets,
  names: readonly string[],
  sample: string,
): void {
  const n = labels.findIndex((label) => label >= names.length);
  if (n < 0) return;
  const known = `there are ${names.length}: ${names.join(", ")}`;
  const message = `instance ${ids[n]} of sample ${sample} is of class ${labels[n]}, counted from 0, and ${known}`;
  throw new DataError("DATA_LABELS", message, {
    hint: "Name every class in datasets.preprocessor.semantic_classes, in the order of their numbers.",
  });
}
