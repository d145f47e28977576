import { type ZarrArray, ZarrError } from "@cell-observatory/zarr";
import type { Finding } from "./findings.ts";
import { PlaneStatistics } from "./plane-statistics.ts";
import { chunksOf, regionOf, type Slab, type Unit } from "./units.ts";

export interface CheckedArray {
  readonly array: ZarrArray;
  /** Relative to the image's folder. */
  readonly name: string;
  readonly axes: string;
  /** Label maps may well have planes of nothing but background. */
  readonly isLabels: boolean;
}

/** What a slab of an array gave. */
export interface SlabReport {
  readonly chunks: number;
  readonly findings: readonly Finding[];
}

/** Units that are read side by side, on native threads. */
const atOnce = 4;

/** Reads every chunk of a slab; what cannot be read is looked at chunk by chunk, so that each is named. */
export async function checkSlab(
  checked: CheckedArray,
  { units }: Slab,
  signal: AbortSignal | undefined,
): Promise<SlabReport> {
  const { array, axes, name, isLabels } = checked;
  const planes = new PlaneStatistics(axes, array.dtype);
  const findings: Finding[] = [];
  let [chunks, missing] = [0, 0];
  const turns = units.values();
  const readInTurn = async () => {
    for (const unit of turns) {
      signal?.throwIfAborted();
      const report = await checkUnit(checked, unit, planes, signal);
      chunks += report.chunks;
      missing += report.missing;
      findings.push(...report.findings);
    }
  };
  const readers = await Promise.allSettled(Array.from({ length: atOnce }, readInTurn));
  for (const reader of readers) if (reader.status === "rejected") throw reader.reason;
  const ofPlanes = isLabels ? [] : planes.findings(name, missing > 0 ? array.fillValue : null);
  return { chunks, findings: [...findings, ...ofPlanes] };
}

interface UnitReport {
  readonly chunks: number;
  readonly missing: number;
  readonly findings: readonly Finding[];
}

async function checkUnit(
  checked: CheckedArray,
  unit: Unit,
  planes: PlaneStatistics,
  signal: AbortSignal | undefined,
): Promise<UnitReport> {
  const { array } = checked;
  const read = await tryRead(array, unit, signal);
  if (read.isRead) planes.add(unit, read.values);
  const chunks = chunksOf(unit, array);
  if (read.isRead && read.missing === 0) return { chunks: chunks.length, missing: 0, findings: [] };
  const findings: Finding[] = [];
  let missing = 0;
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    const one = await tryRead(array, chunk, signal);
    if (!one.isRead) findings.push(findingOf(checked, chunk, "damaged", one.reason));
    else if (one.missing > 0) {
      missing += 1;
      findings.push(findingOf(checked, chunk, "missing", "it is not on disk: its fill value"));
    } else if (!read.isRead) planes.add(chunk, one.values);
  }
  return { chunks: chunks.length, missing, findings };
}

type Read =
  | {
      readonly isRead: true;
      readonly values: Awaited<ReturnType<ZarrArray["read"]>>;
      readonly missing: number;
    }
  | { readonly isRead: false; readonly reason: string };

async function tryRead(
  array: ZarrArray,
  { origin, shape }: Unit,
  signal: AbortSignal | undefined,
): Promise<Read> {
  try {
    const values = await array.read({ origin, shape, missingChunks: "error", signal });
    return { isRead: true, values, missing: 0 };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ZarrError)) throw error;
    if (error.code === "ZARR_MISSING_CHUNK") {
      const values = await array.read({ origin, shape, signal }).catch((other: unknown) => {
        if (other instanceof ZarrError && other.code === "ZARR_CHUNK") return other;
        throw other;
      });
      if (values instanceof ZarrError) return { isRead: false, reason: values.message };
      return { isRead: true, values, missing: 1 };
    }
    if (error.code !== "ZARR_CHUNK") throw error; // storage that fails is no finding of the image
    return { isRead: false, reason: error.message };
  }
}

function findingOf(
  { array, axes, name }: CheckedArray,
  chunk: Unit,
  kind: "damaged" | "missing",
  why: string,
): Finding {
  const index = chunk.origin.map((start, axis) =>
    Math.floor(start / (array.chunkShape[axis] ?? 1)),
  );
  // The message names the array and the chunk, which the finding has already.
  const reason = why
    .replaceAll(`${array.path}/`, "")
    .replaceAll(array.path, "")
    .replace(/^,? *chunk \[[\d, ]*\], /, "");
  return { kind, array: name, chunk: index, region: regionOf(chunk, axes), reason };
}
