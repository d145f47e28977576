import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { HypercubeStatistics, TileRecord } from "../../database/index.ts";
import { DataError } from "../errors.ts";
import { treeFingerprint } from "../import/zarr-source.ts";
import { Owner } from "../volume/owner.ts";
import { writing } from "../volume/writing.ts";
import { statisticsOf } from "./cube-statistics.ts";
import { describeImage, type ImageDescription } from "./describe-image.ts";
import { withFittingLabels } from "./fitting-labels.ts";
import { type Grid, type GridPlaces, placesOfAll } from "./grid.ts";
import { Histogram } from "./histogram.ts";
import { occupancyThreshold } from "./occupancy-threshold.ts";
import { readNote, type ScanFiles, scanFiles, writeNote } from "./scan-files.ts";
import { scanImage } from "./scan-image.ts";
import { ScanLog } from "./scan-log.ts";
import { tileOfImage } from "./tile-of-image.ts";

export interface ImageRowsOptions {
  /** Name of the acquisition; null: the image's, without its ending. */
  readonly prepared_id?: string | null;
  readonly grids: readonly Grid[];
  /** The catalogue's own folder: where folders in it begin. */
  readonly home: string;
  /** Where scans are kept while they run, and notes of those that are done. */
  readonly scans: string;
  /** An image whose files are as they were when it was scanned last is read again all the same. */
  readonly rereads?: boolean;
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** What a catalogue says of an image. It owns the image's scan until it is disposed of. */
export interface ImageRows extends AsyncDisposable {
  readonly tile: TileRecord;
  readonly numHypercubes: number;
  /** A sentence when the image has labels that are of other voxels, and are not listed. */
  readonly whyNoLabels: string | null;
  /** Chunks of the image that are not on disk: they count as their fill value. */
  readonly missingChunks: number;
  /**
   * Rows one by one, from the scan: they are never all in memory.
   *
   * @throws {@link DataError} DATA_SCAN when the scan has not just `numHypercubes` of them.
   */
  hypercubes(): AsyncGenerator<HypercubeStatistics, void, undefined>;
  /** To be called when the rows are in the catalogue: the same image is then not read again. */
  settle(): Promise<void>;
}

/**
 * Computes the rows of an image from its voxels, which are read once: the tile, and the hypercubes
 * of every grid, with occupancy, exact percentiles, and the boxes of its labels' cells. A scan that
 * was stopped goes on where it was. Null: the image is as it was when its rows were computed last.
 *
 * No catalogue is open meanwhile: who writes to one keeps everyone else out.
 *
 * @throws {@link DataError} DATA_SHAPE when the image is smaller than every hypercube; DATA_CHUNK;
 *   DATA_EXISTS when another process scans the same; DATA_WRITE.
 */
export async function imageRows(
  path: string,
  options: ImageRowsOptions,
): Promise<ImageRows | null> {
  const { grids, scans, signal, onProgress, memoryBytes = 512 * 2 ** 20 } = options;
  const { image, whyNoLabels } = await withFittingLabels(await describeImage(path));
  const places = placesOfAll(image.shape, grids);
  if (places.length === 0) {
    const asked = grids.map(({ cubeShape }) => cubeShape.join(" x ")).join(", ");
    const message = `${path} is ${image.shape.slice(0, 4).join(" x ")} voxels: smaller than ${asked}`;
    throw new DataError("DATA_SHAPE", message, { hint: "Give a --cube that fits into the image." });
  }
  const prepared_id = options.prepared_id ?? preparedIdOf(path);
  const fingerprint = await treeFingerprint(resolve(path));
  const wanted = { version: 1, fingerprint, grids, prepared_id };
  const plan = JSON.stringify({ ...wanted, memoryBytes }); // cells are cut by it, rows are not
  const mark = JSON.stringify(wanted);
  const files = scanFiles(scans, `${prepared_id}\n${resolve(path)}`);
  const note = await readNote(files.note);
  if (note?.mark === mark && !options.rereads) return null;
  await writing(scans, () => mkdir(scans, { recursive: true }));
  await using stack = new AsyncDisposableStack();
  stack.use(await Owner.take(files.owner, `${path} is being catalogued`));
  const log = stack.use(await ScanLog.open(files.log, plan));
  {
    const strides = [0, 1, 2, 3].map((axis) =>
      Math.min(...grids.map(({ cubeShape, stride }) => (stride ?? cubeShape)[axis] ?? 1)),
    );
    const cubeShape = [0, 1, 2, 3].map((axis) =>
      Math.max(...grids.map((grid) => grid.cubeShape[axis] ?? 1)),
    );
    const sizes = { cubeShape, strides };
    await scanImage(image, places, log, { ...sizes, memoryBytes, signal, onProgress });
  }
  const rows = await rowsOf(image, places, { log, files, mark, home: options.home, prepared_id });
  const held = stack.move();
  return { ...rows, whyNoLabels, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** The image's name, or that of the folder of images that it is a numbered one of. */
export function preparedIdOf(path: string): string {
  const parts = resolve(path).split("/");
  const at = parts.findLastIndex((part) => part.endsWith(".zarr"));
  const own = parts.slice(at < 0 ? -1 : at).join("/");
  return own.replace(/(\.ome)?\.zarr/, "");
}

/** Where the scans for a catalogue are kept. */
export const scansOf = (cataloguePath: string): string => `${cataloguePath}.scans`;

interface RowParts {
  readonly log: ScanLog;
  readonly files: ScanFiles;
  readonly mark: string;
  readonly home: string;
  readonly prepared_id: string;
}

async function rowsOf(
  image: ImageDescription,
  places: GridPlaces,
  { log, files, mark, home, prepared_id }: RowParts,
): Promise<Omit<ImageRows, "whyNoLabels" | typeof Symbol.asyncDispose>> {
  const own = Array.from({ length: image.shape[4] }, () => new Histogram());
  let missingChunks = 0;
  for await (const cell of log.cells()) {
    missingChunks += cell.missingChunks;
    for (const [c, pairs] of cell.own.entries()) own[c]?.addPairs(pairs);
  }
  const thresholds = own.map(({ counts }) => occupancyThreshold(counts));
  return {
    tile: tileOfImage(image, { thresholds, home, prepared_id }),
    numHypercubes: places.length,
    missingChunks,
    async *hypercubes() {
      let numRows = 0;
      for await (const { cubes } of log.cells()) {
        for (const cube of cubes) {
          const place = places.at(cube.index);
          numRows += 1;
          yield { ...place, ...statisticsOf(cube, place, thresholds) };
        }
      }
      if (numRows === places.length) return;
      await rm(files.log, { force: true }); // the next scan begins anew
      const message = `the scan of ${image.path} has ${numRows} hypercubes; expected ${places.length}`;
      throw new DataError("DATA_SCAN", message);
    },
    settle: () => writeNote(files, { mark, numHypercubes: places.length }),
  };
}
