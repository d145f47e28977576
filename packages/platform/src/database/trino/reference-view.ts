import { percentiles } from "../hypercube-query.ts";
import type { Blocks } from "../server/reference-blocks.ts";
import type { Tables } from "../server/tables.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import { boxesIn } from "./boxes-in-metadata.ts";
import { axes, type ColumnOf, columnsOf, raw } from "./columns-of.ts";
import { leastByChannel } from "./least-by-channel.ts";

/** The rows of the reference platform's views, which are alike but for their number of channels. */
export function viewRelation(
  tables: Tables,
  views: readonly string[],
  { edge, num_timepoints }: Blocks,
): Sql {
  const isOfOneFrame = num_timepoints === 1;
  const selects = views.map((view) => {
    const column = columnsOf(tables, view);
    const numChannels = Number(/([0-9]+)_hypercube_view$/.exec(view)?.[1] ?? 0);
    const channels = Array.from({ length: numChannels }, (_, channel) => channel);
    const ratios = channels.map((c) => column(`occupancy_ratios_ch_${c}`, "ARRAY(DOUBLE)"));
    const occupancy = ratios.reduce((all, one) => sql`${all} || ${one}`);
    const json = column("pc_metadata_json", "VARCHAR");
    const frames = column("time_size", "INTEGER");
    const counts = percentiles.map((p) => {
      const ofChannel = channels.map(
        (c) =>
          sql`CAST(json_extract_scalar(${json}, '$["${int(c)}"]["histogram"]["${int(p)}.0"]') AS DOUBLE)`,
      );
      const known = sql`ARRAY[${joined(ofChannel, ", ")}]`;
      return sql`${isOfOneFrame ? known : sql`CAST(NULL AS ARRAY(DOUBLE))`} AS cdf_${int(p)}`;
    });
    return sql`SELECT ${placeColumns(column, edge)}, ${frames} AS time_size,
${occupancy} AS occupancy, ${leastByChannel(sql`(${occupancy})`, frames)} AS min_occupancy,
${joined(counts, ", ")}, ${isOfOneFrame ? boxesOf(json) : noBoxes}
FROM ${raw(`"${view}"`)} AS t`;
  });
  const [first = sql``, ...rest] = selects;
  return sql`(${rest.reduce((all, one) => sql`${all} UNION ALL ${one}`, first)})`;
}

function placeColumns(column: ColumnOf, edge: number): Sql {
  const starts = axes.map((axis) => {
    const name = `${axis}_start`;
    return sql`${column(name, "INTEGER")} AS ${raw(name)}`;
  });
  return sql`${column("prepared_id", "VARCHAR")} AS prepared_id,
  ${column("tile_name", "VARCHAR")} AS tile_name, ${joined(starts, ", ")}, ${int(edge)} AS z_size,
  ${int(edge)} AS y_size, ${int(edge)} AS x_size`;
}

const noBoxes = sql`CAST(NULL AS VARCHAR) AS boxes, CAST(NULL AS BOOLEAN) AS has_boxes`;

function boxesOf(metadata: Sql): Sql {
  const boxes = boxesIn(metadata);
  return sql`${boxes} AS boxes, ${boxes} <> '{}' AS has_boxes`;
}
