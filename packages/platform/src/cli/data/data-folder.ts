import { join } from "node:path";

/** Root folder of data: what DATA_DIR names, else `data`; configs/paths/local.yaml says the same. */
export function dataFolder(): string {
  return process.env.DATA_DIR || "data";
}

export function catalogueFile(): string {
  return join(dataFolder(), "catalogue.duckdb");
}
