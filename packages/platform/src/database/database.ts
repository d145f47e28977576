import type { HypercubeQuery } from "./hypercube-query.ts";
import type { HypercubeRecord, TileRecord } from "./hypercube-record.ts";

/** How many hypercubes are left after a clause of a query, and all before it. */
export interface ClauseCount {
  readonly clause: string;
  readonly remaining: number;
}

/** Knows which hypercubes exist. Rows are streamed; the order is by ROI, tile, z, y, x, time. */
export interface Database extends AsyncDisposable {
  readonly kind: string;
  hypercubes(query: HypercubeQuery, options?: QueryOptions): AsyncIterable<HypercubeRecord>;
  tiles(options?: QueryOptions): AsyncIterable<TileRecord>;
  /** What each clause of a query leaves, in the order in which they are applied. */
  explain(query: HypercubeQuery, options?: QueryOptions): Promise<readonly ClauseCount[]>;
  /** The shapes (T Z Y X) of the hypercubes that exist, and how many there are of each. */
  cubeShapes(options?: QueryOptions): Promise<readonly CubeShape[]>;
}

export interface CubeShape {
  readonly shape: readonly [t: number, z: number, y: number, x: number];
  readonly count: number;
}

export interface QueryOptions {
  readonly signal?: AbortSignal;
}
