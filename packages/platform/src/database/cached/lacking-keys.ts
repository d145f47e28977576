import type { HypercubeQuery } from "../hypercube-query.ts";

/** A question in which every key that can take rows away has a value. */
export type Question = ReturnType<typeof withDefaults>;

export const withDefaults = (query: Given) => ({
  roi_list: query.roi_list ?? null,
  tile_list: query.tile_list ?? null,
  timepoint_list: query.timepoint_list ?? null,
  hpf_list: query.hpf_list ?? null,
  synthetic_only: query.synthetic_only ?? null,
  has_annotations: query.has_annotations ?? false,
  with_hypercubes_dataframe: query.with_hypercubes_dataframe ?? true,
  max_rois: query.max_rois ?? null,
  max_tiles: query.max_tiles ?? null,
  max_hypercubes: query.max_hypercubes ?? null,
  num_channels: query.num_channels ?? null,
  min_channels: query.min_channels ?? null,
  cube_shape: query.cube_shape ?? null,
  base_cube_shape: query.base_cube_shape ?? null,
  incomplete_hypercubes: query.incomplete_hypercubes ?? "drop",
  occupancy_threshold: query.occupancy_threshold ?? null,
  occupancy_threshold_filter_type: query.occupancy_threshold_filter_type ?? "min_ch0",
  cdf_threshold: query.cdf_threshold ?? null,
  cdf_threshold_filter_type: query.cdf_threshold_filter_type ?? "min_ch0",
  cdf_target: query.cdf_target ?? 90,
});

type Given = {
  readonly [Key in keyof HypercubeQuery]?: HypercubeQuery[Key] | undefined;
};
type Key = keyof Question;
/** Whether rows are wanted that a key of the question had taken away; null does not filter. */
type Rule = (cached: Question, wanted: Question) => boolean;

const text = (value: unknown) => JSON.stringify(Array.isArray(value) ? value.toSorted() : value);

const outOfList =
  (key: "roi_list" | "tile_list" | "timepoint_list" | "hpf_list"): Rule =>
  ({ [key]: had }, { [key]: asked }) =>
    had !== null && !asked?.every((one) => (had as readonly unknown[]).includes(one));
const beyond =
  (key: "max_rois" | "max_tiles" | "max_hypercubes"): Rule =>
  ({ [key]: had }, { [key]: asked }) =>
    had !== null && (asked === null || asked > had);
const below =
  (key: "occupancy_threshold" | "cdf_threshold"): Rule =>
  ({ [key]: had }, { [key]: asked }) =>
    had !== null && (asked === null || asked < had);
const ofOtherChannel =
  (key: "occupancy_threshold" | "cdf_threshold"): Rule =>
  (
    { [key]: had, [`${key}_filter_type` as const]: type },
    { [`${key}_filter_type` as const]: asked },
  ) =>
    had !== null && asked !== type && asked !== "min_all";

/** Those that the reference platform caches by: it filters by numbers after it has cached. */
const ofAll = {
  roi_list: outOfList("roi_list"),
  tile_list: outOfList("tile_list"),
  timepoint_list: outOfList("timepoint_list"),
  hpf_list: outOfList("hpf_list"),
  max_rois: beyond("max_rois"),
  max_tiles: beyond("max_tiles"),
  max_hypercubes: beyond("max_hypercubes"),
  synthetic_only: ({ synthetic_only: had }, asked) => had !== null && asked.synthetic_only !== had,
  has_annotations: ({ has_annotations: had }, asked) => had && !asked.has_annotations,
  with_hypercubes_dataframe: ({ with_hypercubes_dataframe: had }, asked) =>
    asked.with_hypercubes_dataframe !== had,
} satisfies Partial<Record<Key, Rule>>;

const ofOurs = {
  ...ofAll,
  num_channels: ({ num_channels: had }, asked) => had !== null && asked.num_channels !== had,
  min_channels: ({ min_channels: had }, asked) =>
    had !== null && (asked.num_channels ?? asked.min_channels ?? 0) < had,
  cube_shape: ({ cube_shape: had }, { cube_shape, base_cube_shape }) =>
    had !== null && ![cube_shape, base_cube_shape].some((asked) => asked?.join() === had.join()),
  incomplete_hypercubes: ({ base_cube_shape, incomplete_hypercubes: had }, asked) =>
    base_cube_shape !== null && had === "drop" && asked.incomplete_hypercubes === "keep",
  occupancy_threshold: below("occupancy_threshold"),
  occupancy_threshold_filter_type: ofOtherChannel("occupancy_threshold"),
  cdf_threshold: below("cdf_threshold"),
  cdf_threshold_filter_type: ofOtherChannel("cdf_threshold"),
  cdf_target: ({ cdf_threshold, cdf_target: had }, asked) =>
    cdf_threshold !== null && asked.cdf_target > had,
} satisfies Partial<Record<Key, Rule>>;

const limitKeys = ["max_rois", "max_tiles", "max_hypercubes"] as const;
export const limitsOf = (question: Question) => limitKeys.filter((key) => question[key] !== null);

/** Nobody asks for these by themselves: they say how others are to be understood. */
const adverbs: Partial<Record<Key, Key>> = {
  occupancy_threshold_filter_type: "occupancy_threshold",
  cdf_threshold_filter_type: "cdf_threshold",
  cdf_target: "cdf_threshold",
  incomplete_hypercubes: "base_cube_shape",
};

/**
 * The keys for which wanted rows are not among the cached ones. Under a limit the first so many were
 * cached of what a question left: those of a narrower one begin with the same, and go on beyond.
 */
export function lackingKeys(cached: Question, wanted: Question, isOurs: boolean): readonly Key[] {
  const rules: Partial<Record<Key, Rule>> = isOurs ? ofOurs : ofAll;
  const isLimited = limitsOf(cached).length > 0;
  const differs = (key: Key) => {
    if (limitKeys.some((limit) => limit === key)) return false;
    const of = adverbs[key];
    const isAsked = of === undefined || cached[of] !== null || wanted[of] !== null;
    return isAsked && text(cached[key]) !== text(wanted[key]);
  };
  return (Object.keys(rules) as Key[]).filter(
    (key) => rules[key]?.(cached, wanted) || (isLimited && differs(key)),
  );
}
