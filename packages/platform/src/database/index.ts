export type { ClauseCount, CubeShape, Database, QueryOptions } from "./database.ts";
export { CatalogueWriter } from "./duckdb/catalogue-writer.ts";
export { type DuckDbConfig, DuckDbDatabase } from "./duckdb/duckdb-database.ts";
export { CatalogueError, type CatalogueErrorCode } from "./errors.ts";
export type { ChannelFilter, HypercubeQuery } from "./hypercube-query.ts";
export { type HypercubeRecord, HypercubeStatistics, TileRecord } from "./hypercube-record.ts";
