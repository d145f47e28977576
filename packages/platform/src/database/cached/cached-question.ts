import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { CatalogueError } from "../errors.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";

/** Of the reference platform a list of ids, which are texts here. */
const ids = z.array(z.union([z.string(), z.number()]).transform(String)).nullish();
const numbers = z.array(z.number()).nullish();
const most = z.number().nullish();

/** What rows were cached for: as much of a side-car as says which rows are missing. */
const CachedQuestion = z.object({
  roi_list: ids,
  tile_list: ids,
  timepoint_list: numbers,
  hpf_list: numbers,
  max_rois: most,
  max_tiles: most,
  max_hypercubes: most,
  synthetic_only: z.boolean().nullish(),
  has_annotations: z.boolean().nullish(),
  with_hypercubes_dataframe: z.boolean().nullish(),
  /** Only ours: the reference platform caches rows before it filters them by numbers. */
  num_rows: z.int().nonnegative().optional(),
  occupancy_threshold: most,
  cdf_threshold: most,
});
type CachedQuestion = z.infer<typeof CachedQuestion>;

/** The side-car of a file of cached rows. */
export const sideCarOf = (path: string): string => `${path.replace(/\.csv$/, "")}.json`;

/**
 * Refuses cached rows that were asked for with other filters, so that some that are wanted are not
 * there. Rows without a side-car are taken as they are.
 *
 * @throws {@link CatalogueError} CATALOGUE_CACHE, which names each key with both values.
 */
export function requireCached(path: string, query: HypercubeQuery): void {
  const sideCar = sideCarOf(path);
  if (!existsSync(sideCar)) return;
  const cached = questionIn(sideCar);
  const ours = cached.num_rows !== undefined;
  const differing = Object.entries(lacks)
    .filter(([key]) => ours || !["occupancy_threshold", "cdf_threshold"].includes(key))
    .filter(([key, doesLack]) => doesLack(cached[key as Key] ?? null, query[key as Key] ?? null));
  if (differing.length === 0) return;
  const shown = (value: unknown) => {
    const text = JSON.stringify(value ?? null);
    return text.length > 200 ? `${text.slice(0, 197)}...` : text;
  };
  const each = differing.map(
    ([key]) => `${key} is ${shown(query[key as Key])}, but was ${shown(cached[key as Key])}`,
  );
  const message = `${path} lacks rows that are asked for (${sideCar} says what it was cached for): ${each.join("; ")}`;
  throw new CatalogueError("CATALOGUE_CACHE", message);
}

type Key = keyof typeof lacks;
type Lacks = (cached: unknown, wanted: unknown) => boolean;

/** Whether rows are wanted that a filter had taken away; null does not filter. */
const isCut: Record<"list" | "most" | "least" | "only", Lacks> = {
  list: (cached, wanted) =>
    Array.isArray(cached) &&
    !(Array.isArray(wanted) && wanted.every((one) => cached.includes(one))),
  most: (cached, wanted) => cached !== null && (wanted === null || Number(wanted) > Number(cached)),
  least: (cached, wanted) =>
    cached !== null && (wanted === null || Number(wanted) < Number(cached)),
  only: (cached, wanted) => cached !== null && wanted !== cached,
};

const lacks = {
  roi_list: isCut.list,
  tile_list: isCut.list,
  timepoint_list: isCut.list,
  hpf_list: isCut.list,
  max_rois: isCut.most,
  max_tiles: isCut.most,
  max_hypercubes: isCut.most,
  synthetic_only: isCut.only,
  has_annotations: (cached, wanted) => cached === true && wanted !== true,
  with_hypercubes_dataframe: (cached, wanted) => cached !== null && (wanted ?? true) !== cached,
  occupancy_threshold: isCut.least,
  cdf_threshold: isCut.least,
} as const satisfies { readonly [Key in keyof HypercubeQuery]?: Lacks };

function questionIn(path: string): CachedQuestion {
  try {
    return CachedQuestion.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new CatalogueError("CATALOGUE_CACHE", `${path} says nothing of its rows: ${why}`, cause);
  }
}
