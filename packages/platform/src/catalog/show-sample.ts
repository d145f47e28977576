import { scope } from "@cell-observatory/engine";
import type { RunConfig } from "../config/index.ts";
import {
  maskGenerator,
  type PreprocessedBatch,
  readPsfs,
  type SampleTargets,
  seenPlaces,
  settledTransforms,
  type TaskBatch,
  withoutVariation,
} from "../data/index.ts";
import { DataError } from "../images/index.ts";
import { buildPreprocessor } from "./preprocessors.ts";
import { type PretrainData, pretrainData } from "./pretrain-data.ts";
import { type DataConfig, withData } from "./runnable-config.ts";
import { samplePicture } from "./sample-picture.ts";
import type { SeenRow } from "./seen-row.ts";

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
  /** What is to be found in the sample as it was read, `zyxzyx`; null: its batch has no labels. */
  readonly objects: SampleTargets | null;
}

/**
 * Draws a sample of a run as the model gets it, whatever its task: by the run's own loader,
 * transforms and masks, on the CPU. Beside it stands what was read, with its instances.
 *
 * @throws {@link DataError} DATA_EMPTY for a sample that an epoch of the run does not have.
 */
export async function showSample(options: ShowSampleOptions): Promise<ShownSample> {
  const { split, epoch, index, signal, say } = options;
  const config = withData(options.config);
  const data = await pretrainData({ config, device: "cpu", signal, say });
  const loader = split === "train" ? data.training : data.validation;
  const batchSize = config.trainer.micro_batch_size ?? config.clusters.batch_size;
  const number = Math.floor(index / batchSize);
  const has =
    loader === null ? 0 : Math.min(loader.samplesPerEpoch, loader.batchesPerEpoch * batchSize);
  if (loader === null || index >= has) {
    const message = `there is no ${split} sample ${index}: an epoch of this run has ${has}`;
    throw new DataError("DATA_EMPTY", message, { hint: "Samples are counted from 0." });
  }
  const { prepare, placeIn } = await preparerOf(config, data, split);
  for await (const batch of loader.epoch(epoch, { from: number, signal })) {
    const row = index % batchSize;
    const seen = scope(() => seenOf(prepare(batch), row));
    const title = `${config.experiment_name}: ${split} sample ${index} of epoch ${epoch}`;
    const { projection, drawsBoxes } = options;
    const place = placeIn(batch, row);
    const picture = { title, batch, row, seen, grid: data.grid, place, projection, drawsBoxes };
    const drawn = await samplePicture(picture);
    return { ...drawn, sampleId: batch.sampleIds[row] ?? "" };
  }
  throw new DataError("DATA_EMPTY", `epoch ${epoch} has no batch ${number}`);
}

async function preparerOf(config: DataConfig, { grid }: PretrainData, split: "train" | "val") {
  const { datasets, dataset_layout_order: layout, seed } = config;
  const { preprocessor, masking, transforms } = datasets;
  const collated = transforms?.transforms_list ?? [];
  const isVaried = split === "train";
  const parts = {
    layout,
    device: "cpu",
    seed,
    maskGenerator: maskGenerator(masking, grid),
    collated: isVaried ? collated : settledTransforms(collated),
  } as const;
  const wanted = isVaried ? preprocessor : withoutVariation(preprocessor);
  // Boxes are drawn on voxels, whatever the model wants them in.
  const boxes = { bbox_output_format: "zyxzyx", normalize_bboxes: false } as const;
  const prepare = await buildPreprocessor({ ...wanted, ...boxes }, { ...parts, grid });
  const psfs = await readPsfs([...parts.collated, ...(wanted.transforms_list ?? [])]);
  return { prepare, placeIn: seenPlaces(wanted, { ...parts, grid, psfs }) };
}

type Prepared = PreprocessedBatch | TaskBatch;

/** One row of a prepared batch, in memory that outlives the scope. */
function seenOf(prepared: Prepared, row: number): SeenRow {
  const { video } = prepared;
  const image = (x: typeof video) => Float32Array.from(x.select(0, row).data() as Float32Array);
  const task = "objects" in prepared ? prepared : null;
  const masks = "hidden_BM" in prepared ? prepared : (task?.masks ?? null);
  const found = task?.objects?.[row] ?? null;
  const ofTask = task?.classes?.select(0, row) ?? found?.label_map ?? null;
  const objects = found && {
    ids: Int32Array.from(found.mask_ids.data() as BigInt64Array, Number),
    boxes: Float32Array.from(found.boxes.data() as Float32Array),
    isPresent: Uint8Array.from(found.isPresent.to({ dtype: "uint8" }).data() as Uint8Array),
  };
  return {
    video: image(video),
    target: task?.target ? image(task.target) : null,
    hidden: masks && Array.from(masks.hidden_BM.select(0, row).data() as BigInt64Array, Number),
    labels: ofTask && Float64Array.from(ofTask.data() as Int32Array | BigInt64Array, Number),
    whatLabels: task?.classes ? "classes" : "instances",
    objects,
  };
}
