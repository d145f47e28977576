import type { HypercubeQuery } from "../../database/index.ts";
import type { Flags, FlagValues } from "../flag.ts";
import { UsageError } from "../usage-error.ts";
import { wholeNumbers } from "./numbers.ts";

/** The filters of a query, for who has no config at hand; lists are parted by commas. */
export const filterFlags = {
  catalogue: {
    kind: "text",
    value: "FILE",
    help: "the catalogue; else catalogue.duckdb in DATA_DIR, or in data/",
  },
  cube: { kind: "text", value: "T,Z,Y,X", help: "size of the hypercubes" },
  roi: { kind: "text", value: "NAMES", help: "only these acquisitions (prepared_id)" },
  tile: { kind: "text", value: "NAMES", help: "only these images (tile_name)" },
  time: { kind: "text", value: "FRAMES", help: "only hypercubes that begin at these frames" },
  hpf: { kind: "text", value: "HOURS", help: "only these hours post fertilisation" },
  channels: { kind: "integer", value: "N", min: 1, help: "only images of so many channels" },
  "min-occupancy": {
    kind: "number",
    value: "PART",
    min: 0,
    max: 1,
    help: "least part of occupied voxels, in every frame",
  },
  "min-counts": {
    kind: "number",
    value: "N",
    min: 0,
    help: "least counts at the percentile",
  },
  percentile: {
    kind: "choice",
    choices: ["80", "90", "95", "99"],
    help: "of --min-counts; else 90",
  },
  "of-channel": {
    kind: "choice",
    choices: ["min_ch0", "min_ch1", "min_all"],
    help: "channels that must reach --min-occupancy and --min-counts; else the first",
  },
  synthetic: {
    kind: "choice",
    choices: ["true", "false"],
    help: "only simulated, or only measured",
  },
  annotated: { kind: "switch", help: "only hypercubes with labels" },
  max: { kind: "integer", value: "N", min: 1, help: "the first so many" },
} as const satisfies Flags;

export function queryOfFlags(flags: FlagValues<typeof filterFlags>): HypercubeQuery {
  const [t = 1, z = 1, y = 1, x = 1] =
    flags.cube === undefined ? [] : wholeNumbers(flags.cube, "cube", ["T", "Z", "Y", "X"]);
  const texts = (list: string | undefined) => list?.split(",").map((name) => name.trim());
  const numbers = (name: "time" | "hpf") =>
    texts(flags[name])?.map((text) => {
      if (text !== "" && Number.isFinite(Number(text))) return Number(text);
      throw new UsageError(`--${name} takes numbers, got "${flags[name]}"`, `--${name} 0,2,4`);
    });
  const filter = flags["of-channel"] ?? "min_ch0";
  return {
    cube_shape: flags.cube === undefined ? null : [t, z, y, x],
    roi_list: texts(flags.roi) ?? null,
    tile_list: texts(flags.tile) ?? null,
    timepoint_list: numbers("time") ?? null,
    hpf_list: numbers("hpf") ?? null,
    num_channels: flags.channels ?? null,
    occupancy_threshold: flags["min-occupancy"] ?? null,
    occupancy_threshold_filter_type: filter,
    cdf_threshold: flags["min-counts"] ?? null,
    cdf_threshold_filter_type: filter,
    cdf_target: percentiles[flags.percentile ?? "90"],
    synthetic_only: flags.synthetic === undefined ? null : flags.synthetic === "true",
    has_annotations: flags.annotated,
    max_hypercubes: flags.max ?? null,
  };
}

const percentiles = { "80": 80, "90": 90, "95": 95, "99": 99 } as const;
