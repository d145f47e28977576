/** Where a run is: optimizer steps done before this one, and the epoch it belongs to, both from 0. */
export interface Position {
  readonly step: number;
  readonly epoch: number;
}

/** The learning rate of a step, as a pure function of where the run is: nothing to save or replay. */
export type Schedule = (position: Position) => number;
