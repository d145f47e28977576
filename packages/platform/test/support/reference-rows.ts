import type { HypercubeBatch } from "../../src/database/hypercube-batch.ts";

/** A cube of the reference platform's `prepared_cubes`: one frame of one channel. */
export interface ReferenceCube {
  readonly prepared_id: number;
  readonly tile_name: string;
  readonly z_start: number;
  readonly y_start: number;
  readonly x_start: number;
  readonly time: number;
  readonly channel: number;
  readonly occupancy_ratio: number | null;
  /** `{"histogram": {"90.0": counts}, "mask_bbox_dict": {"1": [z0, y0, x0, z1, y1, x1]}}`. */
  readonly metadata_json: unknown;
}

export interface ReferenceTile {
  readonly prepared_id: number;
  readonly tile_name: string;
  readonly hpf: number;
  readonly is_synthetic: boolean | null;
  readonly exists: boolean | null;
  readonly channel_size: number;
  readonly cube_size: number;
  readonly server_folder: string;
  readonly output_folder: string;
  /** `{"CHANNEL": {"mask_bbox_dict": {"CELL": box}}}` in voxels of the tile; null: none. */
  readonly metadata_tile_json: unknown;
}

export interface ReferenceRoi {
  readonly id: number;
  readonly z_start: number;
  readonly y_start: number;
  readonly x_start: number;
  readonly z_end: number;
  readonly y_end: number;
  readonly x_end: number;
  readonly time_size: number;
  readonly channel_size: number;
}

export interface ReferenceRows {
  readonly rois: readonly ReferenceRoi[];
  readonly tiles: readonly ReferenceTile[];
  readonly cubes: readonly ReferenceCube[];
}

/** Columns of the tables that the rows fill, and their types in Trino. */
export const referenceColumns = {
  prepared: {
    id: "BIGINT",
    ...{ x_start: "INTEGER", y_start: "INTEGER", z_start: "INTEGER", z_end: "INTEGER" },
    ...{ y_end: "INTEGER", x_end: "INTEGER", time_size: "INTEGER", channel_size: "INTEGER" },
  },
  prepared_tiles_view_table: {
    ...{ prepared_id: "BIGINT", tile_name: "VARCHAR", hpf: "DECIMAL(6, 2)", cube_size: "INTEGER" },
    ...{ channel_size: "INTEGER", server_folder: "VARCHAR", output_folder: "VARCHAR" },
    ...{ exists: "BOOLEAN", is_synthetic: "BOOLEAN", metadata_tile_json: "VARCHAR" },
  },
  prepared_cubes: {
    ...{ prepared_id: "BIGINT", tile_name: "VARCHAR", x_start: "INTEGER", y_start: "INTEGER" },
    ...{ z_start: "INTEGER", time: "INTEGER", channel: "INTEGER", occupancy_ratio: "REAL" },
    ...{ metadata_json: "VARCHAR" },
  },
} as const;

/** The boxes that the database has of the tile `b`; of the others it has them by cube, or not at all. */
const boxesOfTile = {
  0: { mask_bbox_dict: {} },
  1: {
    mask_bbox_dict: {
      2: [1, 2, 3, 100, 110, 240],
      9: { zmin: 0, ymin: 1, xmin: 2, zmax: 3, ymax: 4, xmax: 5 },
    },
  },
};

/** Occupancies that are exact in `real`. */
const occupancy = (x: number, time: number, channel: number) =>
  0.25 + x / 1024 + time / 16 + channel / 32;

/** Two tiles of two channels and three frames, one of one channel; the last cube lacks a percentile. */
export function referenceRows(): ReferenceRows {
  const places = [
    { prepared_id: 7, tile_name: "b", channels: 2 },
    { prepared_id: 7, tile_name: "a", channels: 2 },
    { prepared_id: 8, tile_name: "c", channels: 1 },
  ];
  const cubes = places.flatMap(({ channels, ...tile }) =>
    [0, 128].flatMap((x_start) =>
      [0, 1, 2].flatMap((time) =>
        Array.from({ length: channels }, (_, channel): ReferenceCube => {
          const hasBoxes = tile.tile_name === "a" && x_start === 128 && channel === 1 && time === 1;
          const named = { zmin: 0, ymin: 0, xmin: 0, zmax: 2, ymax: 2, xmax: 2 };
          const mask_bbox_dict = { 3: [1, 2, 3, 4, 5, 6], 4: named };
          return {
            ...tile,
            x_start,
            y_start: 0,
            z_start: 0,
            time,
            channel,
            occupancy_ratio: occupancy(x_start, time, channel),
            metadata_json: {
              histogram: { "80.0": 80, "90.0": 90 - time + channel, "95.0": 95, "99.0": 99.5 },
              ...(hasBoxes ? { mask_bbox_dict } : { mask_bbox_dict: {} }),
            },
          };
        }),
      ),
    ),
  );
  const starts = { z_start: 0, y_start: 0, x_start: 0 };
  const sizes = { ...starts, z_end: 128, y_end: 128, time_size: 3 };
  return {
    rois: [
      { id: 7, x_end: 256, channel_size: 2, ...sizes },
      { id: 8, x_end: 200, channel_size: 1, ...sizes },
    ],
    tiles: places.map(({ prepared_id, tile_name, channels }) => ({
      prepared_id,
      tile_name,
      channel_size: channels,
      cube_size: 128,
      server_folder: "/clusterfs/data",
      output_folder: `2025/9/${prepared_id}`,
      hpf: 5.5,
      is_synthetic: tile_name === "a" ? null : false, // which nobody has said is measured
      exists: true,
      metadata_tile_json: tile_name === "b" ? boxesOfTile : null,
    })),
    cubes,
  };
}

/** The slow and obvious way. */
export function expectedReferenceRows(frames: number, channels: readonly number[]) {
  const tiles = [
    { prepared_id: "7", tile_name: "a", channel_size: 2, x_size: 256 },
    { prepared_id: "7", tile_name: "b", channel_size: 2, x_size: 256 },
    { prepared_id: "8", tile_name: "c", channel_size: 1, x_size: 200 },
  ];
  return tiles
    .filter(({ channel_size }) => channels.includes(channel_size))
    .flatMap(({ prepared_id, tile_name, channel_size, x_size }) =>
      [0, 128].flatMap((x) =>
        Array.from({ length: Math.ceil(3 / frames) }, (_, group) => {
          const times = Array.from({ length: Math.min(frames, 3 - group * frames) }, (_, t) => {
            return group * frames + t;
          });
          const ofChannel = (channel: number) =>
            channel < channel_size
              ? [
                  Math.min(...times.map((t) => occupancy(x, t, channel))),
                  90 - Math.max(...times) + channel,
                ]
              : [null, null];
          return {
            prepared_id,
            tile_name,
            x_start: x,
            x_size: Math.min(128, x_size - x),
            time_start: group * frames,
            time_size: times.length,
            statistics: [...ofChannel(0), ...ofChannel(1)],
          };
        }),
      ),
    );
}

/** The rows of whole tiles with an annotation, and their boxes: of `a`, those of its cubes. */
export const expectedAnnotatedTiles = [
  {
    tile: "a",
    size: [3, 128, 128, 256],
    boxes: { 1: { 3: [1, 2, 131, 4, 5, 134], 4: [0, 0, 128, 2, 2, 130] } },
  },
  {
    tile: "b",
    size: [3, 128, 128, 256],
    boxes: { 1: { 2: [1, 2, 3, 100, 110, 240], 9: [0, 1, 2, 3, 4, 5] } },
  },
];

export async function annotatedTilesOf(batches: AsyncIterable<HypercubeBatch>) {
  const rows: unknown[] = [];
  for await (const batch of batches) {
    for (let row = 0; row < batch.numRows; row++) {
      const sizes = [batch.time_size, batch.z_size, batch.y_size, batch.x_size];
      rows.push({
        tile: batch.tiles[batch.tile[row] ?? -1]?.tile_name,
        size: sizes.map((column) => column[row]),
        boxes: JSON.parse(batch.boxes?.[row] ?? "null"),
      });
    }
  }
  return rows;
}

/** The same of what a database gave, with statistics of two channels. */
export async function rowsOfBatches(batches: AsyncIterable<HypercubeBatch>) {
  const rows: ReturnType<typeof expectedReferenceRows> = [];
  for await (const batch of batches) {
    for (let row = 0; row < batch.numRows; row++) {
      const tile = batch.tiles[batch.tile[row] ?? -1];
      const statistics = [0, 1].flatMap((channel) =>
        [`min_occupancy_ratios_ch_${channel}`, `cdf_90_ch_${channel}`].map((name) => {
          const value = batch.statistics[name]?.[row];
          return value === undefined || Number.isNaN(value) ? null : value;
        }),
      );
      rows.push({
        prepared_id: tile?.prepared_id ?? "",
        tile_name: tile?.tile_name ?? "",
        x_start: batch.x_start[row] ?? -1,
        x_size: batch.x_size[row] ?? -1,
        time_start: batch.time_start[row] ?? -1,
        time_size: batch.time_size[row] ?? -1,
        statistics,
      });
    }
  }
  return rows;
}
