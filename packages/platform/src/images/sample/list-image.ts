import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { CatalogueWriter, DuckDbDatabase, type TileRecord } from "../../database/index.ts";
import { describeImage } from "../scan/describe-image.ts";
import type { Grid } from "../scan/grid.ts";
import { imageRows, scansOf } from "../scan/image-rows.ts";

/** An image, and the grids that it is to be cut by. */
interface ImageToList {
  readonly name: string;
  readonly path: string;
  readonly grids: readonly Grid[];
}

interface ListOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string, done: number) => void;
}

/** Puts an image into the catalogue; the number of its hypercubes. */
export async function listImage(
  { name, path, grids }: ImageToList,
  cataloguePath: string,
  { signal, onProgress }: ListOptions,
): Promise<number> {
  await using rows = await imageRows(path, {
    grids: await fitting(path, grids),
    home: dirname(cataloguePath),
    scans: scansOf(cataloguePath),
    rereads: true, // it was not in the catalogue
    ...(signal && { signal }),
    onProgress: (done) => onProgress?.(`${name}: catalogue`, done),
  });
  if (!rows) return 0;
  await using writer = await CatalogueWriter.open(cataloguePath, { waitMs: 60_000, signal });
  await writer.put(rows.tile, rows.hypercubes());
  await rows.settle();
  return rows.numHypercubes;
}

/** The grids that an image has room for; if for none, one hypercube of its own size. */
async function fitting(path: string, grids: readonly Grid[]): Promise<readonly Grid[]> {
  const { shape } = await describeImage(path);
  const fit = grids.filter(({ cubeShape }) =>
    cubeShape.every((edge, axis) => edge <= (shape[axis] ?? 1)),
  );
  if (fit.length > 0) return fit;
  const [t, z, y, x] = shape;
  return [{ cubeShape: [t, z, y, x], stride: null }];
}

/** Tiles that the catalogue has, with the number of their hypercubes. */
export async function knownTiles(cataloguePath: string): Promise<ReadonlyMap<string, number>> {
  if (!existsSync(cataloguePath)) return new Map();
  await using database = await DuckDbDatabase.open({ catalogue_path: cataloguePath });
  const tiles: TileRecord[] = [];
  for await (const tile of database.tiles()) tiles.push(tile);
  const counts = new Map<string, number>();
  for (const { tile_name } of tiles) {
    const [all] = (await database.explain({ tile_list: [tile_name] })).slice(-1);
    counts.set(tile_name, all?.remaining ?? 0);
  }
  return counts;
}
