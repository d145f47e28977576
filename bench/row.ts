/** One figure: ours beside the peer's. A ratio below 1 means that we take less. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  /** Median of the runs, in `unit`; null where one side has no such case. */
  readonly ours: number | null;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly unit: string;
  readonly runs: number;
}

/** One file in bench/: runs ours and the peer in turns. */
export interface Benchmark {
  readonly name: string;
  run(options: { readonly python: string }): Promise<readonly Row[]>;
}
