import { DatabaseError } from "../server/errors.ts";
import type { Sql } from "../sql/fragment.ts";
import { catalogueRelations } from "./catalogue-relations.ts";
import type { Blocks } from "./reference-blocks.ts";
import { cubesRelation } from "./reference-cubes.ts";
import { referenceTiles } from "./reference-tiles.ts";
import { viewRelation } from "./reference-view.ts";
import type { Tables } from "./tables.ts";

/** Where the rows are; the text for `SqlSource`, and what it reads, for people. */
export interface Relations {
  readonly tiles: Sql;
  readonly hypercubes: Sql;
  readonly from: string;
}

/**
 * Chooses what is read: a catalogue's own tables; or the reference platform's, of which the view of
 * hypercubes that it keeps for this number of frames when there is one, else its cubes.
 *
 * @throws {@link DatabaseError} DATABASE_TABLES.
 */
export function relationsOf(tables: Tables, blocks: Blocks, place: string): Relations {
  if (tables.has("tiles") && tables.has("hypercubes")) {
    return { ...catalogueRelations(tables, place), from: "tiles, hypercubes" };
  }
  const lacks = ["prepared", "prepared_tiles_view_table"].filter((name) => !tables.has(name));
  const views = viewsFor(tables, blocks);
  if (lacks.length > 0 || (views.length === 0 && !tables.has("prepared_cubes"))) {
    const cubes = `prepared_cubes or a prepared_${blocks.num_timepoints}_..._hypercube_view`;
    const message = `${place} has neither the tables tiles and hypercubes, nor prepared, prepared_tiles_view_table and ${cubes}; found: ${[...tables.keys()].sort().join(", ") || "none of these"}`;
    throw new DatabaseError("DATABASE_TABLES", message);
  }
  const tiles = referenceTiles(tables, blocks, place);
  if (views.length > 0) {
    return { tiles, hypercubes: viewRelation(tables, views, blocks), from: views.join(", ") };
  }
  return { tiles, hypercubes: cubesRelation(tables, blocks, place), from: "prepared_cubes" };
}

/** The views of this number of frames and this edge, one for each number of channels. */
function viewsFor(tables: Tables, { num_timepoints, edge }: Blocks): readonly string[] {
  const wanted = new RegExp(
    `^prepared_${num_timepoints}_${edge}_${edge}_${edge}_[0-9]+_hypercube_view$`,
  );
  return [...tables.keys()].filter((name) => wanted.test(name)).sort();
}
