import { CatalogueError } from "../errors.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";

/** @throws {@link CatalogueError} CATALOGUE_SHAPE when hypercubes are no whole number of blocks. */
export function requireQuery({ cube_shape: cube, base_cube_shape: base }: HypercubeQuery): void {
  if (!base) return;
  const isWhole = cube?.every((edge, axis) => edge % (base[axis] ?? 1) === 0) ?? false;
  if (isWhole) return;
  const asked = cube ? cube.join(" x ") : "any shape";
  const message = `hypercubes of ${asked} (T Z Y X) are no whole number of blocks of ${base.join(" x ")}`;
  throw new CatalogueError("CATALOGUE_SHAPE", message);
}
