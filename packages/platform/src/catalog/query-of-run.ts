import type { RunConfig } from "../config/index.ts";
import { type HypercubeQuery, locationOf } from "../database/index.ts";
import { batchShape } from "./batch-shape.ts";
import { MissingPartError } from "./runnable-config.ts";

/** What a run asks its catalogue, whether its other parts are there or not. */
export function queryOfRun(config: Pick<RunConfig, "dataset_layout_order" | "datasets">) {
  const { kind, catalogue_path, server_folder_path, quarantine_path, ...filters } =
    config.datasets.databases;
  if (kind !== "duckdb") {
    const part = `datasets.databases.kind: there is no ${kind} database to ask; there is duckdb`;
    throw new MissingPartError([part]);
  }
  const databases = { ...config.datasets.databases, kind };
  const { cubeShape, numChannels } = batchShape(config);
  const channels = config.datasets.channels_subset;
  const query: HypercubeQuery = {
    ...filters,
    location: locationOf(databases),
    cube_shape: cubeShape,
    ...(channels ? { min_channels: Math.max(...channels) + 1 } : { num_channels: numChannels }),
  };
  return { catalogue_path, server_folder_path, quarantine_path, query };
}
