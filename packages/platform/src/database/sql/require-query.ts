import { CatalogueError } from "../errors.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";

/**
 * @throws {@link CatalogueError} CATALOGUE_FILTER for what whole tiles cannot be asked with;
 *   CATALOGUE_SHAPE when hypercubes are no whole number of blocks.
 */
export function requireQuery(query: HypercubeQuery): void {
  if (query.with_hypercubes_dataframe === false) requireOfTiles(query);
  const { cube_shape: cube, base_cube_shape: base } = query;
  if (!base) return;
  const isWhole = cube?.every((edge, axis) => edge % (base[axis] ?? 1) === 0) ?? false;
  if (isWhole) return;
  const asked = cube ? cube.join(" x ") : "any shape";
  const message = `hypercubes of ${asked} (T Z Y X) are no whole number of blocks of ${base.join(" x ")}`;
  throw new CatalogueError("CATALOGUE_SHAPE", message);
}

const ofHypercubes = {
  base_cube_shape: "a tile is not put together of blocks",
  occupancy_threshold: "occupancy is known of hypercubes",
  cdf_threshold: "percentiles are known of hypercubes",
} as const satisfies { readonly [Key in keyof HypercubeQuery]?: string };

function requireOfTiles(query: HypercubeQuery): void {
  for (const [key, why] of Object.entries(ofHypercubes)) {
    const asked = query[key as keyof typeof ofHypercubes] ?? null;
    if (asked === null) continue;
    const message = `${key} is ${[asked].flat().join(" x ")}, but rows are whole tiles (with_hypercubes_dataframe is false): ${why}`;
    throw new CatalogueError("CATALOGUE_FILTER", message);
  }
}
