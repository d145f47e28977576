import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openArray } from "@cell-observatory/zarr";
import { CellError } from "../../errors/index.ts";
import { treeFingerprint } from "../import/zarr-source.ts";
import { describeImage, type ImageDescription } from "../scan/describe-image.ts";
import { isStorageFailure } from "../storage-failure.ts";
import { type CheckedArray, checkSlab } from "./check-array.ts";
import { type ClaimedBoxes, checkBoxes, labelsOutside, openLabels } from "./check-labels.ts";
import type { Finding } from "./findings.ts";
import { ProgressFile } from "./progress-file.ts";
import { slabsOf } from "./units.ts";

/** An image to check, and what a catalogue claims of it. */
export interface ImageToCheck {
  /** ROI and tile in the catalogue; null: it is in none. */
  readonly id: { readonly prepared_id: string; readonly tile_name: string } | null;
  readonly path: string;
  /** Rows that claim boxes of cells. */
  claims(): AsyncIterable<ClaimedBoxes>;
}

export interface CheckOptions {
  /** Where the check notes how far it is; null: a check that is stopped begins anew. */
  readonly progressPath: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((path: string, done: number) => void) | undefined;
}

export interface ImageReport {
  readonly path: string;
  readonly id: ImageToCheck["id"];
  readonly chunks: number;
  readonly findings: readonly Finding[];
}

/**
 * Reads every chunk of every image, its labels too, and tells of what is wrong. A check that was
 * stopped goes on behind the frames that it was done with, unless their files have changed.
 *
 * @throws ZarrError ZARR_IO, ZARR_INTERNAL, {@link DataError} DATA_WRITE: storage failed, which says
 *   nothing of an image. What was done is noted.
 */
export async function* checkImages(
  images: readonly ImageToCheck[],
  { progressPath, signal, onProgress }: CheckOptions,
): AsyncGenerator<ImageReport, void, undefined> {
  {
    await using progress = await ProgressFile.open(progressPath);
    for (const image of images) {
      const say = (done: number) => onProgress?.(image.path, done);
      say(0);
      yield await checkImage(image, progress, { signal, say });
    }
  }
  if (progressPath !== null) await rm(progressPath, { force: true });
}

interface Call {
  readonly signal: AbortSignal | undefined;
  readonly say: (done: number) => void;
}

async function checkImage(
  image: ImageToCheck,
  progress: ProgressFile,
  call: Call,
): Promise<ImageReport> {
  const { path, id } = image;
  try {
    const described = await describeImage(path);
    const findings: Finding[] = [];
    let chunks = 0;
    for (const [number, array] of (await arraysOf(described)).entries()) {
      const report = await checkArray(path, array, progress, {
        ...call,
        say: (done) => call.say(0.5 * (number + done)),
      });
      chunks += report.chunks;
      findings.push(...report.findings);
    }
    const ofLabels = await checkLabels(image, described, findings, call.signal);
    return { path, id, chunks, findings: [...findings, ...ofLabels] };
  } catch (error) {
    call.signal?.throwIfAborted();
    // Nothing is known of an image that storage does not give: the same check goes on with it.
    if (isStorageFailure(error) || !(error instanceof CellError)) throw error;
    if (!/^(ZARR|NGFF|DATA)_/.test(error.code)) throw error;
    const finding = { kind: "unreadable", array: "", region: null, reason: error.message } as const;
    return { path, id, chunks: 0, findings: [finding] };
  }
}

async function arraysOf(image: ImageDescription): Promise<readonly CheckedArray[]> {
  const { array, axes, arrayPath, path, labelsPath } = image;
  const own = { array, axes, name: arrayPath, isLabels: false };
  if (labelsPath === null) return [own];
  const labels = await describeImage(join(path, labelsPath));
  const name = join(labelsPath, labels.arrayPath);
  return [own, { array: labels.array, axes: labels.axes, name, isLabels: true }];
}

async function checkArray(
  path: string,
  checked: CheckedArray,
  progress: ProgressFile,
  { signal, say }: Call,
) {
  const fingerprint = await treeFingerprint(checked.array.path);
  const findings: Finding[] = [];
  let chunks = 0;
  const time = checked.axes.indexOf("T");
  const edges = checked.array.shardShape ?? checked.array.chunkShape;
  const numSlabs = time < 0 ? 1 : Math.ceil((checked.array.shape[time] ?? 1) / (edges[time] ?? 1));
  for (const slab of slabsOf(checked.array, checked.axes)) {
    const name = `${resolve(path)} ${checked.name} ${fingerprint} ${slab.number}`;
    const before = progress.get(name);
    const report = before ?? (await checkSlab(checked, slab, signal));
    if (!before) await progress.add(name, report);
    chunks += report.chunks;
    findings.push(...report.findings);
    say(Math.min(1, (slab.number + 1) / numSlabs));
  }
  return { chunks, findings };
}

/** Labels against the image that they are of, and against what the catalogue says of them. */
async function checkLabels(
  image: ImageToCheck,
  described: ImageDescription,
  before: readonly Finding[],
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const { labelsPath } = described;
  if (labelsPath === null) return [];
  const { arrayPath } = await describeImage(join(image.path, labelsPath));
  const name = join(labelsPath, arrayPath);
  const labels = await openLabels(described, await openArray(join(image.path, name)));
  if ("kind" in labels) return [labels];
  await using _ = labels;
  // A damaged part is told already; nothing in it can be compared.
  if (before.some(({ kind, array }) => kind === "damaged" && array === name)) return [];
  const findings: (Finding | null)[] = [];
  for (const finding of before) {
    if (finding.kind !== "missing" || finding.array === name) continue;
    signal?.throwIfAborted();
    findings.push(await labelsOutside(labels, name, finding));
  }
  for await (const claim of image.claims()) {
    signal?.throwIfAborted();
    findings.push(await checkBoxes(labels, name, claim));
  }
  return findings.filter((finding) => finding !== null);
}
