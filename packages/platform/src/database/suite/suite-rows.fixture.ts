import type { Database } from "../database.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import type { HypercubeRecord, HypercubeStatistics, TileRecord } from "../hypercube-record.ts";
import { HypercubeTable } from "../hypercube-table.ts";

/** Tiles and hypercubes that a database under test is filled with. */
export interface SuiteRows {
  readonly tile: TileRecord;
  readonly hypercubes: readonly HypercubeStatistics[];
}

/**
 * Four tiles in two ROIs; one channel in the third, two in the others. The last has blocks twice, and
 * lacks those that would be beside them. Numbers are missing (NaN) in some rows.
 */
export function suiteRows(): SuiteRows[] {
  return [
    rowsOf({ prepared_id: "roi-1", tile_name: "b", hpf: 5, is_synthetic: false }),
    rowsOf({ prepared_id: "roi-1", tile_name: "a", hpf: 6.5, labels_path: null }),
    rowsOf({ prepared_id: "roi'; DROP TABLE tiles; --", tile_name: "WHERE 1=1", channel_size: 1 }),
    twiceAndLacking(rowsOf({ prepared_id: "roi-1", tile_name: "c" })),
  ];
}

function twiceAndLacking({ tile, hypercubes }: SuiteRows): SuiteRows {
  const times = (x: number) => ({ 0: 2, 32: 0 })[x] ?? 1;
  const copies = hypercubes.flatMap((cube) =>
    Array.from({ length: times(cube.x_start) }, () => cube),
  );
  return { tile, hypercubes: copies };
}

/** All records of a query, of a database that is opened for it. */
export async function ask(
  open: () => Promise<Database>,
  query: HypercubeQuery,
): Promise<HypercubeRecord[]> {
  await using database = await open();
  return [...(await HypercubeTable.from(database.hypercubes(query))).records()];
}

export async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

export const hasCells = (boxes: string): boolean =>
  Object.values(JSON.parse(boxes) as object).some((cells) => Object.keys(cells).length > 0);

/** Boxes by x, then frame: cells, looked at without a cell, or (at 64) nobody has looked. */
const suiteBoxes: Readonly<Record<string, string>> = {
  "0 0": JSON.stringify({ 0: { 5: [1, 2, 3, 4, 5, 6] }, 1: {} }),
  "0 2": JSON.stringify({ 1: { 5: [0, 0, 8, 2, 2, 9], 7: [0, 0, 0, 2, 2, 2] } }),
  "32 0": "{}",
  "32 2": JSON.stringify({ 0: {}, 1: { 5: [0, 1, 1, 2, 2, 9] } }),
};

export type Flat = TileRecord & HypercubeStatistics;

export const sorted = (rows: readonly SuiteRows[]) =>
  [...rows].sort((a, b) => (nameOf(a.tile) < nameOf(b.tile) ? -1 : 1));

export function nameOf(row: TileRecord | HypercubeRecord): string {
  const place = "z_start" in row ? [row.z_start, row.x_start, row.time_start] : [];
  return [row.prepared_id, row.tile_name, ...place].join(" ");
}

/** All rows, the slow and obvious way; names of ROIs sort as their bytes do. */
export function flatRows(): Flat[] {
  return sorted(suiteRows()).flatMap(({ tile, hypercubes }) =>
    hypercubes.map((cube) => ({ ...tile, ...cube })),
  );
}

function rowsOf(given: Partial<TileRecord>): SuiteRows {
  const tile: TileRecord = {
    prepared_id: "roi",
    tile_name: "tile",
    server_folder: "/server",
    output_folder: "out",
    array_path: "0",
    axes: "TZYXC",
    labels_path: "labels/cells",
    tracks_path: null,
    time_size: 4,
    z_size: 16,
    y_size: 32,
    x_size: 128,
    channel_size: 2,
    dtype: "uint16",
    z_um: 0.8,
    y_um: 0.4,
    x_um: 0.4,
    frame_interval_s: null,
    hpf: null,
    is_synthetic: true,
    source: "suite",
    occupancy_thresholds: [120, 130],
    ...given,
  };
  const hypercubes: HypercubeStatistics[] = [];
  const channels = Array.from({ length: tile.channel_size }, (_, c) => c);
  for (const x_start of [0, 32, 64]) {
    for (const time_start of [0, 2]) {
      const level = x_start / 32 + time_start / 4;
      const isKnown = (channel: number) => channel > 0 || x_start < 64 || time_start > 0;
      const counts = (above: number) =>
        channels.map((c) => (isKnown(c) ? 100 + 30 * level + above - 20 * c : Number.NaN));
      hypercubes.push({
        time_start,
        z_start: 0,
        y_start: 0,
        x_start,
        time_size: 2,
        z_size: 16,
        y_size: 32,
        x_size: x_start === 64 ? 64 : 32,
        occupancy_ratios: channels.map((c) => [
          0.2 * level + 0.1,
          isKnown(c) ? 0.25 * level + 0.05 * c : Number.NaN,
        ]),
        cdf_80: counts(0),
        cdf_90: counts(10),
        cdf_95: counts(20),
        cdf_99: counts(40),
        mask_bbox_dict: suiteBoxes[`${x_start} ${time_start}`] ?? null,
      });
    }
  }
  return { tile, hypercubes };
}
