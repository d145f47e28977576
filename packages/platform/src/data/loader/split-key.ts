import type { HypercubeTable, TileRecord } from "../../database/index.ts";
import { DataError } from "../../images/index.ts";
import { type Key, philoxInto, RandomStream } from "../../rng/index.ts";

/** What goes to one side of a split together. */
export type SplitBy = "cut" | "row" | "tile" | "roi" | "specimen";

interface DrawOptions {
  readonly fraction: number;
  readonly seed: number;
}

/**
 * Which tiles are held out whole, so that the tiles of a key stay together.
 *
 * Keys are put in an order that is drawn from the seed and their names, and the first ones are held
 * out, as many as bring the share of hypercubes nearest to `fraction`: at least one, and never all.
 * A specimen is a folder, which may move: its name is that of its first tile, in alphabetical order.
 *
 * @throws {@link DataError} DATA_SPLIT when there is one key only.
 */
export function drawnKeys(
  table: HypercubeTable,
  by: "tile" | "roi" | "specimen",
  { fraction, seed }: DrawOptions,
): (tile: number) => boolean {
  const names = table.tiles.map((tile) => keyOf(tile, by));
  const rows = new Map<string, number>();
  for (const tile of table.tile) {
    const name = names[tile] ?? "";
    rows.set(name, (rows.get(name) ?? 0) + 1);
  }
  if (rows.size < 2) {
    const message = `all ${table.numRows} hypercubes are of one ${by}, ${[...rows.keys()].join()}; a split by ${by} needs two at least`;
    throw new DataError("DATA_SPLIT", message, { hint: "Set datasets.split_by=cut." });
  }
  const lasting =
    by === "specimen" ? firstNames(table.tiles, (i) => names[i] ?? "") : new Map<string, string>();
  const drawn = [...rows.keys()]
    .map((name) => ({ name, draw: uniformOf(`split ${lasting.get(name) ?? name}`, seed) }))
    .sort((a, b) => a.draw - b.draw || (a.name < b.name ? -1 : 1));
  const wanted = fraction * table.numRows;
  const heldOut = new Set<string>();
  let numRows = 0;
  for (const { name } of drawn.slice(0, -1)) {
    const more = rows.get(name) ?? 0;
    const isNearer = Math.abs(numRows + more - wanted) < Math.abs(numRows - wanted);
    if (heldOut.size > 0 && !isNearer) break;
    heldOut.add(name);
    numRows += more;
  }
  return (tile) => heldOut.has(names[tile] ?? "");
}

/** Whether each array is held out, by a draw of its own: of its first name, where it has several. */
export function drawnArrays(
  { tiles }: HypercubeTable,
  arrays: Int32Array,
  { fraction, seed }: DrawOptions,
): readonly boolean[] {
  const names = firstNames(tiles, (i) => arrays[i] ?? 0);
  const isHeldOut: boolean[] = [];
  for (const [array, name] of names) isHeldOut[array] = uniformOf(`split ${name}`, seed) < fraction;
  return isHeldOut;
}

/** Whether a row is held out, by a draw from its tile's name and its place in the tile. */
export function drawnRows(
  table: HypercubeTable,
  { fraction, seed }: DrawOptions,
): (row: number) => boolean {
  const keys = table.tiles.map((tile): Key => {
    const purpose = `split row ${keyOf(tile, "tile")}`;
    const rng = new RandomStream({ seed, purpose, epoch: 0, index: 0 });
    return [rng.uint32(), rng.uint32()];
  });
  const words = new Uint32Array(4);
  const { tile, time_start, z_start, y_start, x_start } = table;
  return (row) => {
    const place = [
      time_start[row] ?? 0,
      z_start[row] ?? 0,
      y_start[row] ?? 0,
      x_start[row] ?? 0,
    ] as const;
    philoxInto(words, place, keys[tile[row] ?? 0] ?? [0, 0]);
    return (words[0] ?? 0) < fraction * 2 ** 32;
  };
}

/** For what tiles have in common, the first of their names in alphabetical order. */
function firstNames<Common>(
  tiles: readonly TileRecord[],
  commonOf: (tile: number) => Common,
): ReadonlyMap<Common, string> {
  const first = new Map<Common, string>();
  tiles.forEach((tile, i) => {
    const [common, name] = [commonOf(i), keyOf(tile, "tile")];
    const known = first.get(common);
    if (known === undefined || name < known) first.set(common, name);
  });
  return first;
}

function keyOf(tile: TileRecord, by: "tile" | "roi" | "specimen"): string {
  const { server_folder, output_folder, prepared_id, tile_name } = tile;
  switch (by) {
    case "tile":
      return `${prepared_id}/${tile_name}`;
    case "roi":
      return prepared_id;
    case "specimen":
      return `${server_folder}/${output_folder}`;
    default:
      return by satisfies never;
  }
}

function uniformOf(purpose: string, seed: number): number {
  return new RandomStream({ seed, purpose, epoch: 0, index: 0 }).uniform();
}
