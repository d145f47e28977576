import { join, resolve } from "node:path";
import {
  type Batch,
  inCorners,
  labelsOfSample,
  type SampleTargets,
  type SeenPlace,
} from "../data/index.ts";
import { blockOf, centreOf, describeImage, voxelSizeOf } from "../images/index.ts";
import type { TokenGrid } from "../nn/index.ts";
import { percentileWindow, slicePicture, type VoxelSize } from "../picture/index.ts";
import { measuredOf, sampleCaption } from "./sample-caption.ts";
import { sampleColumns, shownFrames } from "./sample-columns.ts";
import { seenBlocks } from "./seen-blocks.ts";
import type { SeenRow } from "./seen-row.ts";

export interface SamplePicture {
  readonly title: string;
  readonly batch: Batch;
  readonly row: number;
  readonly seen: SeenRow;
  readonly grid: TokenGrid;
  /** Where the row's voxels went. */
  readonly place: SeenPlace;
  readonly projection: "none" | "maximum";
  readonly drawsBoxes: boolean;
}

export interface DrawnSample {
  readonly png: Buffer;
  /** Part of the voxels that the model does not see. */
  readonly hiddenPart: number;
  /** What is to be found in what was read, `zyxzyx` in voxels; null: the batch has no labels. */
  readonly objects: SampleTargets | null;
}

/**
 * Draws a row of a batch: what was read with its labels, what the model gets of it, and what it is to
 * find or to predict. Boxes are those of the batch, where it has some.
 */
export async function samplePicture(picture: SamplePicture): Promise<DrawnSample> {
  const { batch, row, seen, grid, place, drawsBoxes } = picture;
  const { record, origin, read } = await asRead(batch, row);
  const blocks = seenBlocks(seen, grid);
  const measured = measuredOf(batch, row);
  const targets = batch.targets?.[row];
  const objects = targets ? inCorners(targets, measured) : null;
  const folder = resolve(join(record.server_folder, record.output_folder, record.tile_name));
  const { voxelUm } = await describeImage(folder).catch(() => noMetadata);
  const voxelSize = voxelSizeOf(voxelUm);
  const [t = 0] = shownFrames(measured[0], read.shape[4]);
  const centre = centreOf(read.shape, read.labels(t));
  const outlined = seen.whatLabels === "instances" ? blocks.image.labels(t) : null;
  const cut = cutOf(place, { voxelSize, centre, middle: centreOf(blocks.image.shape, outlined) });
  const columns = sampleColumns({
    ...{ read, firstFrame: origin[0], numMeasured: measured[0], objects },
    ...{ seen, blocks, cut, drawsBoxes },
  });
  const png = slicePicture({
    ...{ title: picture.title, columns, voxelSize, centre, projection: picture.projection },
    window: percentileWindow(seen.video),
    caption: sampleCaption({ batch, row, seen, grid, shape: blocks.image.shape, objects }),
  });
  return { png, hiddenPart: blocks.hiddenPart, objects };
}

/** Of an array without the metadata of an image. */
const noMetadata = { voxelUm: [null, null, null] } as const;

type Point = readonly [z: number, y: number, x: number];

/** Lengths of what the model sees are true; it is cut through the voxel that what was read is cut through. */
function cutOf(
  place: SeenPlace,
  { voxelSize, centre, middle }: Record<"centre" | "middle", Point> & { voxelSize: VoxelSize },
) {
  const edge = (a: 0 | 1 | 2) => voxelSize.zyx[place.from[a]] * place.scale[a];
  const [z, y, x] = place.at(centre);
  return {
    voxelSize: [edge(0), edge(1), edge(2)],
    centre: [z ?? middle[0], y ?? middle[1], x ?? middle[2]],
  } as const;
}

/** Voxels and labels of a row as they came from disk; what is ignored is drawn as background. */
async function asRead(batch: Batch, row: number) {
  const [, T, Z, Y, X, C] = batch.shape;
  const [record, origin] = [batch.records[row], batch.origins[row]];
  if (!record || !origin) throw new RangeError(`the batch has no row ${row}`);
  const size = T * Z * Y * X;
  const labels = batch.labelMap
    ? batch.labelMap.subarray(row * size, (row + 1) * size)
    : await labelsOfSample(record, origin, [T, Z, Y, X]);
  const voxels = batch.voxels.subarray(row * size * C, (row + 1) * size * C);
  const read = blockOf(voxels, [T, Z, Y, X, C], { order: "TZYXC", labels });
  return { record, origin, read };
}
