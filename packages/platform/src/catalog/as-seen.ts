import type { RunConfig } from "../config/index.ts";
import { seenScale, settledTransforms } from "../data/index.ts";
import { batchShape } from "./batch-shape.ts";

/** The same config, of samples that are read in the sizes that the model sees. */
export function asSeen<C extends RunConfig>(config: C): C {
  const { datasets } = config;
  const input_shape = datasets.train_shape ?? datasets.input_shape;
  return { ...config, datasets: { ...datasets, input_shape } };
}

/** What is done to samples that are cropped already. */
export function withoutCrops<L extends { readonly kind: string }>(list: readonly L[]): L[] {
  return list.filter(({ kind }) => kind !== "crop");
}

/** Whether what the model sees is voxels as read, or more or fewer of them, out of a validation. */
export function isResized(config: RunConfig): boolean {
  const { transforms, preprocessor } = config.datasets;
  const list = [...(transforms?.transforms_list ?? []), ...(preprocessor.transforms_list ?? [])];
  const [, ...size] = batchShape(config).cubeShape;
  const scale = seenScale(settledTransforms(list), size);
  return scale === null || scale.some((times) => times !== 1);
}
