import { CopyStream } from "@cell-observatory/engine";
import {
  Dataloader,
  type DataloaderConfig,
  HypercubeSource,
  placeLoaderThreads,
  type Sampler,
} from "../data/index.ts";
import { batchShape } from "./batch-shape.ts";
import { readsLabels } from "./reads-labels.ts";
import type { DataConfig } from "./runnable-config.ts";

/** Which samples a loader is for: both sides of the split have a cache of chunks of their own. */
export type LoaderUse = "training" | "validation";

export interface LoadersOfRun {
  readonly config: DataConfig;
  readonly device: "cpu" | "cuda";
  /** Where storage that stalls is told. */
  say(line: string): void;
}

/** Makes loaders of samples in the order of a sampler, as a run's config has them. */
export function loadersOfRun({ config, device, say }: LoadersOfRun) {
  const { datasets, clusters, trainer } = config;
  const { loader } = datasets;
  const batchSize = trainer.micro_batch_size ?? clusters.batch_size;
  const targets = targetsOf(config);
  const source = (use: LoaderUse) =>
    new HypercubeSource(
      {
        ...wantedSamples(config),
        missingChunks: loader.missing_chunks,
        missingChannels: loader.missing_channels,
        unreadable: loader.read_failure_policy === "mask" ? "mask" : "raise",
        dtype: config.storage_dtype,
        cacheBytes: Math.floor(loader.cache_bytes * (use === "training" ? 0.75 : 0.25)),
        labels: labelsOf(config),
      },
      { say },
    );
  const place = onceOnly(async () => {
    if (device === "cuda" && loader.numa === "distance") await placeLoaderThreads(say);
  });
  return (use: LoaderUse, sampler: Sampler, lastBatch: DataloaderConfig["lastBatch"]) => {
    const tell = (line: string) => say(`${use}, ${line}`);
    // What is transformed on the CPU goes to the device when that is done.
    const isCollated = (datasets.transforms?.transforms_list.length ?? 0) > 0;
    const copyTo = device === "cuda" && !isCollated ? new CopyStream("cuda:0") : null;
    const batches = { batchSize, lastBatch, targets, copyTo };
    const whole = { ...loader, ...batches, onFirstBatch: place, say: tell };
    return new Dataloader(whole, source(use), sampler);
  };
}

/** What a catalogue is asked for: `input_shape` has a channel with labels among the others. */
function wantedHypercubes(config: DataConfig) {
  const { cubeShape, numChannels } = batchShape(config);
  return { cubeShape, numChannels, channels: config.datasets.channels_subset };
}

/** What a sample is: a channel with labels is none of its image. */
function wantedSamples(config: DataConfig) {
  const { numChannels, ...wanted } = wantedHypercubes(config);
  const isInChannel = typeof labelsOf(config) === "object";
  return { ...wanted, numChannels: isInChannel ? numChannels - 1 : numChannels };
}

function labelsOf(config: DataConfig) {
  const { mask_channel_idx } = config.datasets.databases;
  if (!readsLabels(config)) return "none";
  return mask_channel_idx === null ? "array" : { channel: mask_channel_idx };
}

function targetsOf({ datasets: { collate_fn } }: DataConfig) {
  return {
    boxFormat: collate_fn?.bbox_output_format ?? "zyxzyx",
    isNormalized: collate_fn?.normalize_bboxes ?? false,
  } as const;
}

function onceOnly(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}
