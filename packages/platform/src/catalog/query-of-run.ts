import type { DatabasesConfig, RunConfig } from "../config/index.ts";
import { batchShape } from "./batch-shape.ts";
import { MissingPartError } from "./runnable-config.ts";

/** What a run asks its database, whether its other parts are there or not. */
export function queryOfRun(config: Pick<RunConfig, "dataset_layout_order" | "datasets">) {
  const { databases, channels_subset: channels, loader } = config.datasets;
  const { kind } = databases;
  if (kind === "local") {
    throw new MissingPartError([`datasets.databases.kind: there is no ${kind} database to ask`]);
  }
  const { cubeShape, numChannels } = batchShape(config);
  const asked: DatabasesConfig = { ...databases, kind };
  const wanted = {
    cubeShape,
    numChannels,
    channels,
    ...(loader.missing_channels === "zero" && { mayLackChannels: true }),
  };
  return { databases: asked, wanted };
}

/** All that the rows of a run depend on, but not where the database and the voxels are. */
export function questionOf({ databases, wanted }: ReturnType<typeof queryOfRun>) {
  const {
    catalogue_path: _,
    server_folder_path: __,
    hypercubes_dataframe_path: ___,
    ...filters
  } = databases;
  return { ...filters, ...wanted };
}
