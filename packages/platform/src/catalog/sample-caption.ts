import type { Batch, SampleTargets } from "../data/index.ts";
import type { ShownBlock } from "../images/index.ts";
import type { TokenGrid } from "../nn/index.ts";
import { colourName } from "../picture/index.ts";
import type { SeenRow } from "./seen-row.ts";

export interface CaptionedSample {
  readonly batch: Pick<Batch, "shape" | "validSizes" | "sampleIds">;
  readonly row: number;
  readonly seen: Pick<SeenRow, "hidden" | "labels" | "whatLabels">;
  readonly grid: Pick<TokenGrid, "patchShape" | "axes" | "numTokens">;
  /** Of what the model sees. */
  readonly shape: ShownBlock["shape"];
  readonly objects: Pick<SampleTargets, "ids"> | null;
}

/** What stands under the picture of a sample. */
export function sampleCaption(sample: CaptionedSample): readonly string[] {
  const { batch, row, seen, grid, shape, objects } = sample;
  const [, T, Z, Y, X, C] = batch.shape;
  const measured = measuredOf(batch, row);
  const [, z1, y1, x1] = shape;
  const isPadded = [T, Z, Y, X].some((size, axis) => size !== measured[axis]);
  const padding = `, of which ${measured.join(" x ")} measured; the rest is padding`;
  const seenSizes =
    z1 === Z && y1 === Y && x1 === X ? "" : `, seen as ${z1} x ${y1} x ${x1} (Z Y X)`;
  const found = objects ? `; ${objects.ids.length} instances` : "";
  const numHidden = seen.hidden ? `, ${seen.hidden.length} of ${grid.numTokens} hidden` : "";
  return [
    `${batch.sampleIds[row]}, ${[T, Z, Y, X, C].join(" x ")} (T Z Y X C)${isPadded ? padding : ""}${seenSizes}${found}.`,
    `Patches of ${grid.patchShape.join(" x ")} (${grid.axes.join(" ")})${numHidden}. ` +
      "Grey from the 0.5th to the 99.8th percentile of each column.",
    ...(seen.whatLabels === "classes" && seen.labels ? [classKey(seen.labels)] : []),
  ];
}

/** Which class is drawn in which colour. */
function classKey(labels: ArrayLike<number>): string {
  const classes = [...new Set(Array.from(labels))].filter((id) => id > 0).sort((a, b) => a - b);
  if (classes.length === 0) return "No voxel is of a class.";
  return `Classes: ${classes.map((id) => `${id} ${colourName(id)}`).join(", ")}.`;
}

/** Sizes of the part of a row that was measured: T, Z, Y and X. */
export const measuredOf = (batch: Pick<Batch, "shape" | "validSizes">, row: number) =>
  batch.validSizes[row] ??
  ([batch.shape[1], batch.shape[2], batch.shape[3], batch.shape[4]] as const);
