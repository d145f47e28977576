import type { HypercubePlaces } from "../hypercube-batch.ts";
import { type ColumnBatch, integers } from "./column-batch.ts";

/** Where the hypercubes of a batch of rows are; which tile they are of is for its reader to number. */
export function placesOf(batch: ColumnBatch): Omit<HypercubePlaces, "tile"> {
  return {
    time_start: integers(batch, "time_start"),
    z_start: integers(batch, "z_start"),
    y_start: integers(batch, "y_start"),
    x_start: integers(batch, "x_start"),
    time_size: integers(batch, "time_size"),
    z_size: integers(batch, "z_size"),
    y_size: integers(batch, "y_size"),
    x_size: integers(batch, "x_size"),
  };
}
