import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CellError } from "../../errors/index.ts";
import { DataError } from "../errors.ts";
import { importImage } from "../import/import-image.ts";
import { describeImage } from "../scan/describe-image.ts";
import type { Grid } from "../scan/grid.ts";
import type { MovieConfig } from "../simulate/movie-config.ts";
import { simulateMovie } from "../simulate/simulate-movie.ts";
import { isStorageFailure } from "../storage-failure.ts";
import { writing } from "../volume/writing.ts";
import { fetchStardist } from "./fetch-stardist.ts";
import { knownTiles, listImage } from "./list-image.ts";

export interface SampleOptions {
  /** Root folder of data: the sample goes to `sample/` in it, the catalogue beside that. */
  readonly dataPath: string;
  readonly downloads: string;
  readonly movie: MovieConfig;
  readonly python?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string, done: number) => void;
}

/** What became of one image of the sample. */
export interface ProvidedImage {
  readonly name: string;
  readonly path: string;
  readonly outcome: "present" | "made" | "unavailable";
  /** Why it is unavailable, or what of what was asked for it lacks. */
  readonly reason?: string;
  readonly numHypercubes: number;
}

export interface ProvidedSample {
  readonly cataloguePath: string;
  readonly images: readonly ProvidedImage[];
}

/** Half a hypercube apart, so that there are enough of them in a small stack. */
const nucleiGrids: readonly Grid[] = [
  { cubeShape: [1, 8, 32, 32], stride: [1, 4, 8, 8] },
  { cubeShape: [1, 12, 32, 32], stride: [1, 4, 8, 8] },
];

const movieGrids: readonly Grid[] = [
  { cubeShape: [4, 16, 64, 64], stride: [4, 16, 32, 32] },
  { cubeShape: [1, 16, 64, 64], stride: [1, 16, 64, 64] },
];

/**
 * Provides the sample: an annotated stack of real nuclei, a simulated movie, and a catalogue of
 * both. What is there and whole is left as it is; where no registry answers, there is the movie
 * alone.
 *
 * @throws {@link DataError}, ZarrError or CatalogueError when the movie cannot be made.
 */
export async function provideSample(options: SampleOptions): Promise<ProvidedSample> {
  const { dataPath } = options;
  const folder = join(dataPath, "sample");
  const cataloguePath = join(dataPath, "catalogue.duckdb");
  await writing(folder, () => mkdir(folder, { recursive: true }));
  const nuclei = await provideNuclei(join(folder, "nuclei.ome.zarr"), options);
  const movie = await provideMovie(join(folder, "movie.ome.zarr"), options);
  const images = [nuclei, movie].filter((image) => image !== null);
  const known = await knownTiles(cataloguePath);
  const provided: ProvidedImage[] = [];
  for (const image of images) {
    if (image.outcome === "unavailable") {
      provided.push({ ...image, numHypercubes: 0 });
      continue;
    }
    const tile = known.get(image.name);
    const isListed = image.outcome === "present" && tile !== undefined;
    const numHypercubes = isListed ? tile : await listImage(image, cataloguePath, options);
    provided.push({ ...image, numHypercubes });
  }
  return { cataloguePath, images: provided };
}

type NewlyProvided = Omit<ProvidedImage, "numHypercubes"> & { readonly grids: readonly Grid[] };

async function provideNuclei(path: string, options: SampleOptions): Promise<NewlyProvided> {
  const { downloads, python, signal, onProgress } = options;
  const name = "nuclei.ome.zarr";
  const image = { name, path, grids: nucleiGrids };
  if (await isWhole(path)) return { ...image, outcome: "present" };
  onProgress?.("nuclei: fetch the stack", 0);
  try {
    const files = await fetchStardist({
      downloads,
      ...(python !== undefined && { python }),
      ...(signal && { signal }),
    });
    await importImage(files.image, path, {
      labels: files.mask,
      attributes: { source: "stardist 0.9.2 (PyPI), img3d.tif and mask3d.tif, BSD-3-Clause" },
      ...(signal && { signal }),
      onProgress: (done) => onProgress?.("nuclei: import", done),
    });
    return { ...image, outcome: "made" };
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "DATA_FETCH") throw error;
    return { ...image, outcome: "unavailable", reason: error.message };
  }
}

async function provideMovie(path: string, options: SampleOptions): Promise<NewlyProvided> {
  const { movie, signal, onProgress } = options;
  const image = { name: "movie.ome.zarr", path, grids: movieGrids };
  if (await isWhole(path)) {
    const { shape } = await describeImage(path);
    if (shape.join() === movie.shape.join()) return { ...image, outcome: "present" };
    const [has, wants] = [shape, movie.shape].map((sizes) => sizes.slice(0, 4).join(" x "));
    const reason = `it has ${has} voxels along T Z Y X, not ${wants}; to make it anew, remove it`;
    return { ...image, outcome: "present", reason };
  }
  await simulateMovie(movie, path, {
    ...(signal && { signal }),
    onProgress: (done) => onProgress?.("movie: simulate", done),
  });
  return { ...image, outcome: "made" };
}

/**
 * There, and readable: images appear whole, so its metadata tells. What is damaged is removed, but
 * not what storage would not give at this moment.
 */
async function isWhole(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  try {
    await describeImage(path);
    return true;
  } catch (error) {
    if (!(error instanceof CellError) || isStorageFailure(error)) throw error;
    await rm(path, { recursive: true });
    return false;
  }
}
