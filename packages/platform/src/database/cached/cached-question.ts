import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { CatalogueError } from "../errors.ts";
import { type HypercubeQuery, percentiles } from "../hypercube-query.ts";
import { lackingKeys, limitsOf, type Question, withDefaults } from "./lacking-keys.ts";

/** Of the reference platform a list of ids, which are texts here. */
const ids = z.array(z.union([z.string(), z.number()]).transform(String)).nullish();
const numbers = z.array(z.number()).nullish();
const number = z.number().nullish();
const shape = z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly().nullish();
const channelFilter = z.enum(["min_ch0", "min_ch1", "min_all"]);

const ofAll = {
  roi_list: ids,
  tile_list: ids,
  timepoint_list: numbers,
  hpf_list: numbers,
  max_rois: number,
  max_tiles: number,
  max_hypercubes: number,
  synthetic_only: z.boolean().nullish(),
  has_annotations: z.boolean().optional(),
  with_hypercubes_dataframe: z.boolean().optional(),
};

/** What the reference platform cached rows for: as much of a side-car as says which are missing. */
const OfReference = z.object(ofAll);
const OfOurs = z.object({
  ...ofAll,
  num_rows: z.int().nonnegative(),
  num_channels: number,
  min_channels: number,
  cube_shape: shape,
  base_cube_shape: shape,
  incomplete_hypercubes: z.enum(["drop", "keep"]).optional(),
  occupancy_threshold: number,
  occupancy_threshold_filter_type: channelFilter.optional(),
  cdf_threshold: number,
  cdf_threshold_filter_type: channelFilter.optional(),
  cdf_target: z.literal([...percentiles]).optional(),
});

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
  const { cached, isOurs } = questionIn(sideCar);
  const wanted = withDefaults(query);
  const differing = lackingKeys(cached, wanted, isOurs);
  if (differing.length === 0) return;
  const each = differing.map(
    (key) => `${key} is ${shown(wanted[key])}, but was ${shown(cached[key])}`,
  );
  const limits = limitsOf(cached);
  const rule =
    limits.length === 0 ? "" : `; with ${limits.join(" and ")} it is for the same filters alone`;
  const message = `${path} lacks rows that are asked for (${sideCar} says what it was cached for): ${each.join("; ")}${rule}`;
  throw new CatalogueError("CATALOGUE_CACHE", message);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

function questionIn(path: string): { readonly cached: Question; readonly isOurs: boolean } {
  try {
    const file: unknown = JSON.parse(readFileSync(path, "utf8"));
    const isOurs = typeof file === "object" && file !== null && Object.hasOwn(file, "num_rows");
    return { cached: withDefaults((isOurs ? OfOurs : OfReference).parse(file)), isOurs };
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new CatalogueError("CATALOGUE_CACHE", `${path} says nothing of its rows: ${why}`, cause);
  }
}
