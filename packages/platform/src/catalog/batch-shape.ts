import type { RunConfig } from "../config/index.ts";

/** Sizes of a sample as the data layer has it, whatever the layout of the model's input. */
export interface BatchShape {
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  readonly patchShape: readonly [t: number, z: number, y: number, x: number];
  readonly numChannels: number;
}

/** Axes that the layout lacks have size 1. */
export function batchShape({
  dataset_layout_order,
  datasets,
}: Pick<RunConfig, "dataset_layout_order" | "datasets">): BatchShape {
  const along = (sizes: readonly number[]) => (axis: string) =>
    sizes[dataset_layout_order.indexOf(axis)] ?? 1; // at -1 there is nothing
  const [size, edge] = [along(datasets.input_shape), along(datasets.patch_shape)];
  return {
    cubeShape: [size("T"), size("Z"), size("Y"), size("X")],
    patchShape: [edge("T"), edge("Z"), edge("Y"), edge("X")],
    numChannels: size("C"),
  };
}
