import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { z } from "zod";
import type { HypercubeBatch, TileRecord } from "../../database/index.ts";
import { replaceFile } from "../../telemetry/index.ts";
import { DataError } from "../errors.ts";
import type { ImageReport } from "./check-images.ts";
import { isFault } from "./findings.ts";
import { PartsOfTile } from "./parts-of-tile.ts";

const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);

const QuarantineFile = z.strictObject({
  version: z.literal(1),
  parts: z.array(
    z.strictObject({
      /** The image's folder, relative to that of the file. */
      path: z.string(),
      prepared_id: z.string().nullable(),
      tile_name: z.string().nullable(),
      /** Along T Z Y X; null: all of the image. */
      origin: four.nullable(),
      shape: four.nullable(),
      reason: z.string(),
    }),
  ),
});

type Part = z.infer<typeof QuarantineFile>["parts"][number];

/** Writes the parts of images that must not be trained on: those with faults, or with any finding. */
export function writeQuarantine(
  path: string,
  reports: readonly ImageReport[],
  { isStrict = false }: { readonly isStrict?: boolean } = {},
): number {
  const home = dirname(resolve(path));
  const parts = reports.flatMap((report) =>
    report.findings
      .filter((finding) => isStrict || isFault(finding))
      .map(
        ({ region, reason, array }): Part => ({
          path: relative(home, resolve(report.path)) || ".",
          prepared_id: report.id?.prepared_id ?? null,
          tile_name: report.id?.tile_name ?? null,
          origin: region ? [...region.origin] : null,
          shape: region ? [...region.shape] : null,
          reason: array === "" ? reason : `${array}: ${reason}`,
        }),
      ),
  );
  replaceFile(path, `${JSON.stringify({ version: 1, parts }, null, 1)}\n`);
  return parts.length;
}

/** Parts of images that `cello data check` found at fault. */
export class Quarantine {
  /** By the folder of the image, and by its names in a catalogue: either may have changed. */
  readonly #byFolder: ReadonlyMap<string, readonly Part[]>;
  readonly #byName: ReadonlyMap<string, readonly Part[]>;

  private constructor(parts: readonly Part[], home: string) {
    this.#byFolder = Map.groupBy(parts, ({ path }) => realFolder(resolve(home, path)));
    this.#byName = Map.groupBy(parts, nameOf);
  }

  /** @throws {@link DataError} DATA_QUARANTINE when the file is missing, or is none. */
  static async read(path: string): Promise<Quarantine> {
    try {
      const { parts } = QuarantineFile.parse(JSON.parse(await readFile(path, "utf8")));
      return new Quarantine(parts, dirname(resolve(path)));
    } catch (cause) {
      const why =
        cause instanceof z.ZodError
          ? z.prettifyError(cause)
          : cause instanceof Error
            ? cause.message
            : String(cause);
      throw new DataError("DATA_QUARANTINE", `${path} cannot be read: ${why}`, { cause });
    }
  }

  /** The same rows without those that reach into a part at fault. */
  async *without(
    batches: AsyncIterable<HypercubeBatch>,
    onRemoved: (count: number) => void = () => {},
  ): AsyncGenerator<HypercubeBatch, void, undefined> {
    const byTile = new Map<TileRecord, PartsOfTile>();
    for await (const batch of batches) {
      const kept: number[] = [];
      for (let row = 0; row < batch.numRows; row++) {
        const tile = batch.tiles[batch.tile[row] ?? -1];
        if (!tile) throw new RangeError(`row ${row} has no tile`);
        let parts = byTile.get(tile);
        if (!parts) {
          parts = this.#partsOf(tile);
          byTile.set(tile, parts);
        }
        if (!parts.areIn(batch, row)) kept.push(row);
      }
      onRemoved(batch.numRows - kept.length);
      yield kept.length === batch.numRows ? batch : rowsOf(batch, kept);
    }
  }

  #partsOf(tile: TileRecord): PartsOfTile {
    const folder = realFolder(join(tile.server_folder, tile.output_folder, tile.tile_name));
    const byName = this.#byName.get(nameOf(tile)) ?? [];
    return new PartsOfTile([...(this.#byFolder.get(folder) ?? []), ...byName]);
  }
}

/** Links may lead to an image: it is at fault under each of its names. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // it is not there, or not to be seen from here
  }
}

const nameOf = ({ prepared_id, tile_name }: Pick<Part, "prepared_id" | "tile_name">): string =>
  JSON.stringify([prepared_id, tile_name]);

function rowsOf(batch: HypercubeBatch, rows: readonly number[]): HypercubeBatch {
  const some = (column: Int32Array) => Int32Array.from(rows, (row) => column[row] ?? 0);
  const statistics = Object.entries(batch.statistics).map(([name, column]) => [
    name,
    Float64Array.from(rows, (row) => column[row] ?? Number.NaN),
  ]);
  return {
    numRows: rows.length,
    tiles: batch.tiles,
    tile: some(batch.tile),
    time_start: some(batch.time_start),
    z_start: some(batch.z_start),
    y_start: some(batch.y_start),
    x_start: some(batch.x_start),
    time_size: some(batch.time_size),
    z_size: some(batch.z_size),
    y_size: some(batch.y_size),
    x_size: some(batch.x_size),
    statistics: Object.fromEntries(statistics),
    boxes: batch.boxes && rows.map((row) => batch.boxes?.[row] ?? null),
  };
}
