import { join, resolve } from "node:path";
import {
  type Batch,
  boxesOfTargets,
  inCorners,
  labelsOfSample,
  type SampleTargets,
  type SeenPlace,
} from "../data/index.ts";
import {
  blockOf,
  boxesOf,
  centreOf,
  describeImage,
  evenly,
  type ShownBlock,
  voxelSizeOf,
} from "../images/index.ts";
import type { TokenGrid } from "../nn/index.ts";
import { type PictureColumn, percentileWindow, slicePicture } from "../picture/index.ts";
import { hiddenVoxels } from "./hidden-voxels.ts";
import type { Boxed, SeenRow } from "./seen-row.ts";

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

const mostColumns = 6;

/**
 * Draws a row of a batch: what was read with its labels, what the model gets of it, and what it is to
 * find or to predict. Boxes are those of the batch, where it has some.
 */
export async function samplePicture(picture: SamplePicture): Promise<DrawnSample> {
  const { batch, row, seen, grid, place, drawsBoxes } = picture;
  const [, T, Z, Y, X, C] = batch.shape;
  const { record, origin, read } = await asRead(batch, row);
  const [t1 = 1, z1 = 1, y1 = 1, x1 = 1] = ["T", "Z", "Y", "X"].map((axis) => {
    const at = grid.axes.indexOf(axis);
    return at < 0 ? 1 : (grid.sizes[at] ?? 1);
  });
  const space = [t1, z1, y1, x1] as const;
  const order = "TZYXC" as const;
  const model = blockOf(seen.video, [...space, seen.channels], { order, labels: seen.labels });
  const targetChannels = (seen.target?.length ?? 0) / (t1 * z1 * y1 * x1);
  const target = seen.target && blockOf(seen.target, [...space, targetChannels], { order });
  const isHidden = seen.hidden && hiddenVoxels(grid, seen.hidden);
  const mask = isHidden && blockOf(isHidden, [...space, 1], { order });
  const hiddenPart = isHidden ? isHidden.reduce((sum, flag) => sum + flag, 0) / isHidden.length : 0;
  const measured = batch.validSizes[row] ?? ([T, Z, Y, X] as const);
  const targets = batch.targets?.[row];
  const objects = targets ? inCorners(targets, measured) : null;
  const pairs = evenly(measured[0], Math.max(1, Math.floor(mostColumns / 2 / C))).flatMap((t) =>
    evenly(C, mostColumns).map((c) => ({ t, c })),
  );
  const isOutlined = seen.labels !== null && seen.whatLabels === "instances";
  const wantsPlain = pairs.length === 1 && (seen.hidden !== null || isOutlined);
  const { voxelUm } = await describeImage(
    resolve(join(record.server_folder, record.output_folder, record.tile_name)),
  ).catch(() => ({ voxelUm: [null, null, null] })); // an array without metadata of an image
  const voxelSize = voxelSizeOf(voxelUm);
  const centre = centreOf([T, Z, Y, X, C], read.labels(pairs[0]?.t ?? 0));
  const isSeenAsRead = z1 === Z && y1 === Y && x1 === X;
  const middle = centreOf(model.shape, isOutlined ? model.labels(pairs[0]?.t ?? 0) : null);
  // Lengths are true, and the planes go through the voxel that those of what was read go through.
  const edge = (a: 0 | 1 | 2) => voxelSize.zyx[place.from[a]] * place.scale[a];
  const [z, y, x] = place.at(centre);
  const ofModel = {
    voxelSize: [edge(0), edge(1), edge(2)],
    centre: [z ?? middle[0], y ?? middle[1], x ?? middle[2]],
  } as const;
  const columns = pairs.slice(0, mostColumns / 2).flatMap(({ t, c }): PictureColumn[] => {
    const where = [
      ...(T > 1 ? [`frame ${origin[0] + t}`] : []),
      ...(C > 1 ? [`channel ${c}`] : []),
    ].join(", ");
    const own = read.volume(t, c);
    const values = model.volume(t, Math.min(c, seen.channels - 1));
    const plain = { volume: values, window: percentileWindow(values.voxels), ...ofModel };
    const wanted = target?.volume(t, Math.min(c, targetChannels - 1));
    const hides = mask ? { hidden: mask.volume(t, 0) } : {};
    return [
      {
        title: `As read${where ? `, ${where}` : ""}`,
        volume: own,
        window: percentileWindow(own.voxels),
        ...instances(read, t, objects),
      },
      ...(wantsPlain ? [{ title: "After transforms", ...plain }] : []),
      {
        title: `As the model sees it${mask ? `: ${Math.round(100 * hiddenPart)} % hidden` : ""}`,
        ...plain,
        ...hides,
        ...(isOutlined && instances(model, t, seen.objects)),
      },
      ...(wanted
        ? [
            {
              ...{ title: "To predict", volume: wanted, ...ofModel },
              window: percentileWindow(wanted.voxels),
            },
          ]
        : []),
      ...(seen.whatLabels === "classes"
        ? [{ title: "Classes", ...plain, ...labelsOf(model, t) }]
        : []),
    ];
  });
  const seenSizes = isSeenAsRead ? "" : `, seen as ${z1} x ${y1} x ${x1} (Z Y X)`;
  const isPadded = [T, Z, Y, X].some((size, axis) => size !== measured[axis]);
  const padding = `, of which ${measured.join(" x ")} measured; the rest is padding`;
  const numHidden = seen.hidden ? `, ${seen.hidden.length} of ${grid.numTokens} hidden` : "";
  const png = slicePicture({
    title: picture.title,
    columns: columns.slice(0, mostColumns),
    voxelSize,
    centre,
    window: percentileWindow(seen.video),
    projection: picture.projection,
    caption: [
      `${batch.sampleIds[row]}, ${[T, Z, Y, X, C].join(" x ")} (T Z Y X C)${isPadded ? padding : ""}${seenSizes}${objects ? `; ${objects.ids.length} instances` : ""}.`,
      `Patches of ${grid.patchShape.join(" x ")} (${grid.axes.join(" ")})${numHidden}. ` +
        "Grey from the 0.5th to the 99.8th percentile of each column.",
    ],
  });
  return { png, hiddenPart, objects };

  /** Outlines of a frame's instances, and the boxes that the batch has, or else tight ones. */
  function instances(block: ShownBlock, t: number, objects: Boxed | null) {
    const labels = block.labels(t);
    if (!labels) return {};
    if (!drawsBoxes) return { labels };
    return { labels, boxes: objects ? boxesOfTargets(objects, t) : boxesOf(labels) };
  }
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

function labelsOf(block: ShownBlock, t: number) {
  const labels = block.labels(t);
  return labels ? { labels } : {};
}
