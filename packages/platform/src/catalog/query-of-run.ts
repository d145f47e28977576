import type { DatabasesConfig, RunConfig } from "../config/index.ts";
import { batchShape } from "./batch-shape.ts";
import { MissingPartError } from "./runnable-config.ts";

/** What a run asks its database, whether its other parts are there or not. */
export function queryOfRun(config: Pick<RunConfig, "dataset_layout_order" | "datasets">) {
  const { databases, channels_subset } = config.datasets;
  const { kind } = databases;
  if (kind === "local") {
    throw new MissingPartError([`datasets.databases.kind: there is no ${kind} database to ask`]);
  }
  const { cubeShape, numChannels } = batchShape(config);
  const asked: DatabasesConfig = { ...databases, kind };
  return { databases: asked, wanted: { cubeShape, numChannels, channels: channels_subset } };
}
