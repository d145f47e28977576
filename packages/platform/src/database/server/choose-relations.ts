import { CatalogueError } from "../errors.ts";
import type { Sql } from "../sql/fragment.ts";
import type { Blocks } from "./reference-blocks.ts";
import type { Tables } from "./tables.ts";

/** The two relations of `SqlSource`, and what they read, for people. */
export interface Relations {
  readonly tiles: Sql;
  readonly hypercubes: Sql;
  readonly from: string;
}

/** How a dialect says what tables hold; each throws DATABASE_TABLES for columns that lack. */
export interface RelationTexts {
  catalogue(tables: Tables, place: string): { readonly tiles: Sql; readonly hypercubes: Sql };
  referenceTiles(tables: Tables, blocks: Blocks, place: string): Sql;
  /** Whether views say what each of several frames has; else cubes are better. */
  readonly viewsTellFrames: boolean;
  views(tables: Tables, views: readonly string[], blocks: Blocks): Sql;
  cubes(tables: Tables, blocks: Blocks, place: string): Sql;
}

/**
 * Chooses what is read: a catalogue's own tables; or the reference platform's, of which the view of
 * hypercubes that it keeps for this number of frames when there is one, else its cubes.
 *
 * @throws {@link CatalogueError} DATABASE_TABLES.
 */
export function chooseRelations(
  tables: Tables,
  { blocks, place, texts }: { blocks: Blocks; place: string; texts: RelationTexts },
): Relations {
  if (tables.has("tiles") && tables.has("hypercubes")) {
    return { ...texts.catalogue(tables, place), from: "tiles, hypercubes" };
  }
  const lacks = ["prepared", "prepared_tiles_view_table"].some((name) => !tables.has(name));
  const isTold = texts.viewsTellFrames || blocks.num_timepoints === 1;
  const views = isTold || !tables.has("prepared_cubes") ? viewsFor(tables, blocks) : [];
  if (lacks || (views.length === 0 && !tables.has("prepared_cubes"))) {
    const cubes = `prepared_cubes or a prepared_${blocks.num_timepoints}_..._hypercube_view`;
    const known = [...tables.keys()].filter((name) => /^(?:tiles|hypercubes|prepared)/.test(name));
    const message = `${place} has neither the tables tiles and hypercubes, nor prepared, prepared_tiles_view_table and ${cubes}; found: ${known.sort().join(", ") || "none of these"}`;
    throw new CatalogueError("DATABASE_TABLES", message);
  }
  const tiles = texts.referenceTiles(tables, blocks, place);
  if (views.length > 0) {
    return { tiles, hypercubes: texts.views(tables, views, blocks), from: views.join(", ") };
  }
  return { tiles, hypercubes: texts.cubes(tables, blocks, place), from: "prepared_cubes" };
}

/** The views of this number of frames and this edge, one for each number of channels. */
function viewsFor(tables: Tables, { num_timepoints, edge }: Blocks): readonly string[] {
  const wanted = new RegExp(
    `^prepared_${num_timepoints}_${edge}_${edge}_${edge}_[0-9]+_hypercube_view$`,
  );
  return [...tables.keys()].filter((name) => wanted.test(name)).sort();
}
