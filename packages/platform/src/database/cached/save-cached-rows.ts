import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile, temporaryName } from "../../telemetry/index.ts";
import type { Database } from "../database.ts";
import { CatalogueError } from "../errors.ts";
import type { HypercubeBatch } from "../hypercube-batch.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import type { TileRecord } from "../hypercube-record.ts";
import { cachedHead, cachedLines } from "./cached-lines.ts";
import { sideCarOf } from "./cached-question.ts";
import { roisCsv, roisOf } from "./roi-extents.ts";

/** With what columns rows must be read to be cached. */
export const cachedColumns = ({ num_channels, min_channels }: HypercubeQuery) => ({
  channels: num_channels ?? min_channels ?? 2,
  boxes: true,
});

/**
 * The same rows, which are saved as they pass, as the Python platform caches them: CSV as pandas
 * writes it, a JSON side-car of the same name with what was asked, and the extents of the ROIs in
 * `NAME_rois.csv`. Both platforms read them. There is no file unless all rows have passed.
 *
 * Of a channel's frames the database tells the least ratio: it stands for each of them. Of the columns
 * of storage the one that was asked for is true, and others are not known.
 *
 * @param rows - with {@link cachedColumns} of the query.
 * @throws {@link CatalogueError} CATALOGUE_WRITE; what the rows throw.
 */
export async function* cachingRows(
  rows: AsyncIterable<HypercubeBatch>,
  {
    database,
    query,
  }: { readonly database: Pick<Database, "place" | "kind">; query: HypercubeQuery },
  path: string,
): AsyncGenerator<HypercubeBatch, void, undefined> {
  const temporary = temporaryName(path);
  const { channels } = cachedColumns(query);
  const file = await asWriting(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    return await open(temporary, "w");
  });
  let [first, isWhole] = [0, false];
  const tiles = new Set<TileRecord>();
  try {
    await asWriting(path, () => file.writeFile(cachedHead(channels)));
    for await (const batch of rows) {
      const text = cachedLines(batch, { first, channels, query });
      await asWriting(path, () => file.writeFile(text));
      first += batch.numRows;
      for (const number of new Set(batch.tile)) {
        const tile = batch.tiles[number];
        if (tile) tiles.add(tile);
      }
      yield batch;
    }
    await asWriting(path, () => file.sync());
    isWhole = true;
  } finally {
    await file.close();
    if (!isWhole) await rm(temporary, { force: true });
  }
  const about = { source: database.place, kind: database.kind, num_rows: first, ...query };
  const sideCar = sideCarOf(path);
  await asWriting(path, async () => {
    await rm(sideCar, { force: true }); // so that new rows never stand beside an old question
    replaceFile(roisOf(path), roisCsv(tiles));
    await rename(temporary, path);
    replaceFile(sideCar, `${JSON.stringify(about, null, 2)}\n`);
  });
}

async function asWriting<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatalogueError("CATALOGUE_WRITE", `${path} cannot be written: ${why}`, cause);
  }
}
