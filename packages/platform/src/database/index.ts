export { requireCached } from "./cached/cached-question.ts";
export { cachedColumns, cachingRows } from "./cached/save-cached-rows.ts";
export type { ClauseCount, CubeShape, Database, QueryOptions } from "./database.ts";
export { CatalogueWriter } from "./duckdb/catalogue-writer.ts";
export { type DuckDbConfig, DuckDbDatabase } from "./duckdb/duckdb-database.ts";
export { CatalogueError, type CatalogueErrorCode } from "./errors.ts";
export type { HypercubeBatch, HypercubeOptions } from "./hypercube-batch.ts";
export { type HypercubePlace, placeColumns } from "./hypercube-place.ts";
export type { ChannelFilter, CubeShape4, HypercubeQuery, Location } from "./hypercube-query.ts";
export { type HypercubeRecord, HypercubeStatistics, TileRecord } from "./hypercube-record.ts";
export { HypercubeTable } from "./hypercube-table.ts";
export {
  baseShapeOf,
  locationOf,
  type OpenDatabaseConfig,
  type OpenDatabaseOptions,
  openDatabase,
} from "./open-database.ts";
export {
  isSnapshotOf,
  readSnapshot,
  type Snapshot,
  type SnapshotRequest,
  saveSnapshot,
} from "./snapshot/snapshot.ts";
