import { join, resolve } from "node:path";
import { scope } from "@cell-observatory/engine";
import type { RunConfig } from "../config/index.ts";
import {
  type Batch,
  blockOf,
  boxesOf,
  centreOf,
  DataError,
  describeImage,
  evenly,
  labelsOfSample,
} from "../data/index.ts";
import type { TokenGrid } from "../nn/index.ts";
import {
  type PictureColumn,
  percentileWindow,
  slicePicture,
  type VoxelSize,
} from "../picture/index.ts";
import { pretrainData } from "./pretrain-data.ts";
import { runnable } from "./runnable-config.ts";

export interface ShowSampleOptions {
  readonly config: RunConfig;
  readonly split: "train" | "val";
  readonly epoch: number;
  /** Number of the sample in the epoch. */
  readonly index: number;
  readonly projection: "none" | "maximum";
  readonly drawsBoxes: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface ShownSample {
  readonly png: Buffer;
  readonly sampleId: string;
  /** Part of the voxels that the model does not see. */
  readonly hiddenPart: number;
}

/**
 * Draws a sample of a run as the model gets it: by the run's own loader, transforms and masks, on
 * the CPU. Beside it stands what was read, with the instances that the image has labels of.
 */
export async function showSample(options: ShowSampleOptions): Promise<ShownSample> {
  const { split, epoch, index, signal, say } = options;
  const config = runnable(options.config);
  const data = await pretrainData({ config, device: "cpu", signal, say });
  const loader = split === "train" ? data.training : data.validation;
  const batchSize = config.trainer.micro_batch_size ?? config.clusters.batch_size;
  const number = Math.floor(index / batchSize);
  if (loader === null || number >= loader.batchesPerEpoch) {
    const has =
      loader === null ? 0 : Math.min(loader.numSamples, loader.batchesPerEpoch * batchSize);
    const message = `there is no ${split} sample ${index}: an epoch of this run has ${has}`;
    throw new DataError("DATA_EMPTY", message, { hint: "Samples are counted from 0." });
  }
  for await (const batch of loader.epoch(epoch, { from: number, signal })) {
    const row = index % batchSize;
    const seen = scope(() => {
      const prepare = split === "train" ? data.prepare : data.prepareValidation;
      const { video, hidden_BM } = prepare(batch);
      return {
        video: Float32Array.from(video.select(0, row).data() as Float32Array),
        hidden: Array.from(hidden_BM.select(0, row).data() as BigInt64Array, Number),
      };
    });
    return await draw(batch, row, { ...seen, grid: data.grid, options });
  }
  throw new DataError("DATA_EMPTY", `epoch ${epoch} has no batch ${number}`);
}

interface Seen {
  /** [...axes of the layout], channels last. */
  readonly video: Float32Array;
  /** Numbers of the hidden tokens. */
  readonly hidden: readonly number[];
  readonly grid: TokenGrid;
  readonly options: ShowSampleOptions;
}

const mostColumns = 6;

async function draw(batch: Batch, row: number, seen: Seen): Promise<ShownSample> {
  const { config, epoch, index, split, projection, drawsBoxes } = seen.options;
  const [, T, Z, Y, X, C] = batch.shape;
  const [record, origin] = [batch.records[row], batch.origins[row]];
  if (!record || !origin) throw new RangeError(`the batch has no row ${row}`);
  const perSample = T * Z * Y * X * C;
  const ids = await labelsOfSample(record, origin, [T, Z, Y, X]);
  const read = blockOf(
    batch.voxels.subarray(row * perSample, (row + 1) * perSample),
    [T, Z, Y, X, C],
    { order: "TZYXC", labels: ids },
  );
  const [t1 = 1, z1 = 1, y1 = 1, x1 = 1] = ["T", "Z", "Y", "X"].map((axis) => {
    const at = seen.grid.axes.indexOf(axis);
    return at < 0 ? 1 : (seen.grid.sizes[at] ?? 1);
  });
  const shape = [t1, z1, y1, x1, seen.grid.channels] as const;
  const model = blockOf(seen.video, shape, { order: "TZYXC" });
  const isHidden = hiddenVoxels(seen);
  const mask = blockOf(isHidden, [t1, z1, y1, x1, 1], { order: "TZYXC" });
  const measured = batch.validSizes[row] ?? [T, Z, Y, X];
  const isPadded = [T, Z, Y, X].some((size, axis) => size !== measured[axis]);
  const pairs = evenly(measured[0], Math.max(1, Math.floor(mostColumns / 2 / C))).flatMap((t) =>
    evenly(C, mostColumns).map((c) => ({ t, c })),
  );
  const hiddenPart = isHidden.reduce((sum, flag) => sum + flag, 0) / isHidden.length;
  const columns = pairs.slice(0, mostColumns / 2).flatMap(({ t, c }): PictureColumn[] => {
    const counts = read.volume(t, c);
    const [labels, values] = [read.labels(t), model.volume(t, c)];
    const where = [
      ...(T > 1 ? [`frame ${origin[0] + t}`] : []),
      ...(C > 1 ? [`channel ${c}`] : []),
    ].join(", ");
    const instances = labels ? { labels, ...(drawsBoxes && { boxes: boxesOf(labels) }) } : {};
    return [
      {
        title: `As read${where ? `, ${where}` : ""}`,
        volume: counts,
        window: percentileWindow(counts.voxels),
        ...instances,
      },
      ...(pairs.length === 1
        ? [{ title: "After transforms", volume: values, window: percentileWindow(values.voxels) }]
        : []),
      {
        title: `As the model sees it: ${Math.round(100 * hiddenPart)} % hidden`,
        volume: values,
        window: percentileWindow(values.voxels),
        hidden: mask.volume(t, 0),
      },
    ];
  });
  const { voxelUm } = await describeImage(
    resolve(join(record.server_folder, record.output_folder, record.tile_name)),
  );
  const sampleId = batch.sampleIds[row] ?? "";
  const png = slicePicture({
    title: `${config.experiment_name}: ${split} sample ${index} of epoch ${epoch}`,
    columns,
    voxelSize: voxelSizeOf(voxelUm),
    centre: centreOf([T, Z, Y, X, C], read.labels(pairs[0]?.t ?? 0)),
    window: percentileWindow(seen.video),
    projection,
    caption: [
      `${sampleId}, ${[T, Z, Y, X, C].join(" x ")} (T Z Y X C)${isPadded ? `, of which ${measured.join(" x ")} measured; the rest is padding` : ""}.`,
      `Patches of ${seen.grid.patchShape.join(" x ")} (${seen.grid.axes.join(" ")}), ${seen.hidden.length} of ${seen.grid.numTokens} hidden. ` +
        "Grey from the 0.5th to the 99.8th percentile of each column.",
    ],
  });
  return { png, sampleId, hiddenPart };
}

/** 1 where a voxel lies in a hidden patch, [T Z Y X]; axes that the grid lacks have size 1. */
function hiddenVoxels({ grid, hidden }: Seen): Uint8Array {
  const { counts, sizes, patchShape } = grid;
  const isTokenHidden = new Uint8Array(grid.numTokens);
  for (const token of hidden) isTokenHidden[token] = 1;
  const flags = new Uint8Array(sizes.reduce((a, b) => a * b, 1));
  for (let i = 0; i < flags.length; i++) {
    let [rest, token, scale] = [i, 0, 1];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = sizes[axis] ?? 1;
      token += Math.floor((rest % size) / (patchShape[axis] ?? 1)) * scale;
      scale *= counts[axis] ?? 1;
      rest = Math.floor(rest / size);
    }
    flags[i] = isTokenHidden[token] ?? 0;
  }
  return flags;
}

function voxelSizeOf([z, y, x]: readonly (number | null)[]): VoxelSize {
  if (!z || !y || !x) return { zyx: [1, 1, 1], unit: "voxel" };
  return { zyx: [z, y, x], unit: "micrometre" };
}
