import type { CubeShape4 } from "../hypercube-query.ts";
import type { Dialect } from "./dialect.ts";
import { bind, int, joined, type Sql, sql } from "./fragment.ts";
import { gatheredBoxes } from "./gathered-boxes.ts";
import { type Needed, type Step, tileColumns } from "./steps.ts";

interface Aggregation {
  readonly dialect: Dialect;
  /** Sizes of the blocks, and of the hypercubes; these are whole numbers of those. */
  readonly base: CubeShape4;
  readonly cube: CubeShape4;
  readonly needed: Needed;
}

/** What a hypercube is known by: its tile, and where it begins. */
const key = sql`tile_no, cube_t, cube_z, cube_y, cube_x`;

/**
 * `cubes` out of `blocks`: those of the base grid, snapped down to multiples of the hypercube.
 *
 * Occupancy of a frame is the mean over its blocks by their voxels, then the least frame counts. A
 * percentile is the least of the blocks': no more than the hypercube's own, for in each block its
 * part of the voxels lies at or above it. A channel that some block does not know is NULL. Boxes
 * of a cell are merged from all blocks, in voxels of the hypercube.
 *
 * Source: the reference platform's aggregation (reading an edge block at its size in the tile,
 * every channel, and any number of frames, which differ).
 */
export function aggregation({ dialect, base, cube, needed }: Aggregation): Step[] {
  return [
    placed(base, cube),
    groups(cube),
    ...(needed.occupancy ? occupancySteps(dialect) : []),
    ...needed.cdf.flatMap((percentile) => cdfSteps(int(percentile), dialect)),
    ...(needed.boxes ? boxSteps(dialect) : []),
    cubes(cube, needed),
  ];
}

/** A block of the base grid: it begins on it, and is cut by nothing but the end of its tile. */
export function isOnGrid([t, z, y, x]: CubeShape4): Sql {
  const on = (axis: Sql, edge: number) => sql`${axis}_start % ${bind(edge, "integer")} = 0
  AND ${axis}_size = least(${bind(edge, "integer")}, tile_${axis}_size - ${axis}_start)`;
  const axes = [on(sql`time`, t), on(sql`z`, z), on(sql`y`, y), on(sql`x`, x)];
  return joined(axes, " AND ");
}

function placed(base: CubeShape4, [t, z, y, x]: CubeShape4): Step {
  const snapped = (start: Sql, edge: number) => sql`${start} - ${start} % ${bind(edge, "integer")}`;
  const body = sql`SELECT *, ${snapped(sql`time_start`, t)} AS cube_t, ${snapped(sql`z_start`, z)} AS cube_z,
  ${snapped(sql`y_start`, y)} AS cube_y, ${snapped(sql`x_start`, x)} AS cube_x,
  CAST(z_size AS BIGINT) * y_size * x_size AS plane_voxels
FROM blocks WHERE time_start >= 0 AND z_start >= 0 AND y_start >= 0 AND x_start >= 0
  AND time_size > 0 AND z_size > 0 AND y_size > 0 AND x_size > 0 AND ${isOnGrid(base)}`;
  return { name: sql`placed`, body };
}

/** Blocks are counted by where they begin in the hypercube: one that is there twice hides no gap. */
function groups([, z, y, x]: CubeShape4): Step {
  const edge = (size: number) => bind(size, "integer");
  const place = sql`((CAST(time_start - cube_t AS BIGINT) * ${edge(z)} + z_start - cube_z) * ${edge(y)}
  + y_start - cube_y) * ${edge(x)} + x_start - cube_x`;
  const body = sql`SELECT ${key}, count(*) AS num_blocks, sum(time_size * plane_voxels) AS covered,
  count(DISTINCT ${place}) AS num_places, bool_or(has_boxes) AS has_boxes,
  max(channel_size) AS num_channels
FROM placed GROUP BY ${key}`;
  return { name: sql`cube_groups`, body };
}

/** A row for each channel is gathered; when no block knows the last channels, nothing is known. */
const ofAll = (array: Sql): Sql => sql`CASE WHEN count(*) = max(num_channels) THEN ${array} END`;

function occupancySteps(dialect: Dialect): Step[] {
  const names = { table: sql`one`, value: sql`ratio`, place: sql`place` };
  // Frames of a channel follow each other, num_frames of them.
  const frame = sql`(one.place - 1) % num_frames`;
  const channel = sql`CAST((one.place - 1 - ${frame}) / num_frames AS INTEGER)`;
  return [
    {
      name: sql`ratios`,
      body: sql`SELECT ${key}, ${channel} AS channel, time_start + ${frame} AS frame,
  plane_voxels, ${dialect.finite(sql`one.ratio`)} AS ratio
FROM placed, ${dialect.unnest(sql`occupancy`, names)}
WHERE time_start + ${frame} < tile_time_size`,
    },
    {
      name: sql`frames`,
      body: sql`SELECT ${key}, channel, frame, sum(plane_voxels) AS weight,
  CASE WHEN count(ratio) = count(*) THEN sum(ratio * plane_voxels) / sum(plane_voxels) END AS ratio
FROM ratios GROUP BY ${key}, channel, frame`,
    },
    {
      name: sql`channels`,
      body: sql`SELECT ${key}, channel, sum(weight) AS weight,
  CASE WHEN count(ratio) = count(*) THEN min(ratio) END AS least
FROM frames GROUP BY ${key}, channel`,
    },
    {
      name: sql`occupancies`,
      body: sql`SELECT ${key},
  ${ofAll(dialect.gather(sql`CASE WHEN weight = covered THEN least END`, sql`channel`))} AS min_occupancy
FROM channels JOIN cube_groups USING (${key}) GROUP BY ${key}`,
    },
  ];
}

function cdfSteps(percentile: Sql, dialect: Dialect): Step[] {
  const column = sql`cdf_${percentile}`;
  const names = { table: sql`one`, value: sql`counts`, place: sql`place` };
  const counts = dialect.finite(sql`one.counts`);
  return [
    {
      name: sql`least_${percentile}`,
      body: sql`SELECT ${key}, one.place AS place, count(*) AS known_blocks,
  CASE WHEN count(${counts}) = count(*) THEN min(${counts}) END AS least
FROM placed, ${dialect.unnest(column, names)} GROUP BY ${key}, one.place`,
    },
    {
      name: sql`all_${percentile}`,
      body: sql`SELECT ${key},
  ${ofAll(dialect.gather(sql`CASE WHEN known_blocks = num_blocks THEN least END`, sql`place`))} AS ${column}
FROM least_${percentile} JOIN cube_groups USING (${key}) GROUP BY ${key}`,
    },
  ];
}

/** Boxes go to voxels of the tile, are merged by cell, and come back to voxels of the hypercube. */
function boxSteps(dialect: Dialect): Step[] {
  return [
    {
      name: sql`cell_boxes`,
      body: sql`SELECT ${key}, box.channel AS channel, box.cell AS cell,
  min(box.z0 + z_start) - cube_z AS z0, min(box.y0 + y_start) - cube_y AS y0,
  min(box.x0 + x_start) - cube_x AS x0, max(box.z1 + z_start) - cube_z AS z1,
  max(box.y1 + y_start) - cube_y AS y1, max(box.x1 + x_start) - cube_x AS x1
FROM placed, ${dialect.unnestBoxes(sql`boxes`, sql`box`)} GROUP BY ${key}, box.channel, box.cell`,
    },
    ...gatheredBoxes(key, dialect),
  ];
}

function cubes([t, z, y, x]: CubeShape4, { occupancy, cdf, boxes }: Needed): Step {
  const size = (axis: Sql, start: Sql, edge: number) =>
    sql`least(${bind(edge, "integer")}, tile_${axis}_size - ${start})`;
  const columns = [
    tileColumns,
    sql`cube_t AS time_start, cube_z AS z_start, cube_y AS y_start, cube_x AS x_start`,
    sql`${size(sql`time`, sql`cube_t`, t)} AS time_size`,
    sql`${size(sql`z`, sql`cube_z`, z)} AS z_size`,
    sql`${size(sql`y`, sql`cube_y`, y)} AS y_size`,
    sql`${size(sql`x`, sql`cube_x`, x)} AS x_size`,
    sql`covered, num_blocks, num_places, has_boxes`,
    ...(occupancy ? [sql`min_occupancy`] : []),
    ...cdf.map((percentile) => sql`cdf_${int(percentile)}`),
    ...(boxes ? [sql`boxes`] : []),
  ];
  const joins = [
    sql`JOIN numbered_tiles USING (tile_no)`,
    ...(occupancy ? [sql`LEFT JOIN occupancies USING (${key})`] : []),
    ...cdf.map((percentile) => sql`LEFT JOIN all_${int(percentile)} USING (${key})`),
    ...(boxes ? [sql`LEFT JOIN cube_boxes USING (${key})`] : []),
  ];
  const body = sql`SELECT ${joined(columns, ",\n")}
FROM cube_groups ${joined(joins, "\n")}`;
  return { name: sql`cubes`, body };
}

/** Every voxel of the hypercube is in one block: none is there twice, and together they fill it. */
export const isComplete = sql`num_places = num_blocks
  AND covered = CAST(time_size AS BIGINT) * z_size * y_size * x_size`;
