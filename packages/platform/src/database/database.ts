import type { HypercubeBatch, HypercubeOptions } from "./hypercube-batch.ts";
import type { CubeShape4, HypercubeQuery } from "./hypercube-query.ts";
import type { TileRecord } from "./hypercube-record.ts";

/** How many rows a clause of a query took away, and how many were left. */
export interface ClauseCount {
  /** The key of the query; `all`, `extent`, `aggregate` and `complete` are steps of their own. */
  readonly clause: string;
  readonly removed: number;
  readonly remaining: number;
}

/**
 * Knows which hypercubes exist. Rows are streamed by column; the order is by ROI, tile (bytes of
 * their names), z, y, x, time.
 */
export interface Database extends AsyncDisposable {
  readonly kind: string;
  /** Names it in messages: a file, or a server without its password. */
  readonly place: string;
  hypercubes(query: HypercubeQuery, options?: HypercubeOptions): AsyncIterable<HypercubeBatch>;
  tiles(options?: TileOptions): AsyncIterable<TileRecord>;
  /** What each clause of a query leaves, in the order in which they are applied. */
  explain(query: HypercubeQuery, options?: QueryOptions): Promise<readonly ClauseCount[]>;
  /** The shapes (T Z Y X) of the hypercubes that exist, and how many there are of each. */
  cubeShapes(options?: QueryOptions): Promise<readonly CubeShape[]>;
}

export interface CubeShape {
  readonly shape: CubeShape4;
  readonly count: number;
}

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface TileOptions extends QueryOptions {
  /** Only tiles that its clauses on tiles leave: those on hypercubes, and limits, do nothing here. */
  readonly query?: HypercubeQuery;
}
