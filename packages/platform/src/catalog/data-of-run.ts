import type { HypercubeTable } from "../database/index.ts";
import { type DataIdentity, dataIdentity } from "../training/index.ts";
import type { TrainingParts } from "./training-parts.ts";

/** Which hypercubes a run is about, held out or not; where they lie may change. */
export function dataOfRun({ data }: Pick<TrainingParts, "data">): DataIdentity {
  return dataIdentity(namesOf(data.table));
}

/** A name for each row, as `sampleId` has it, and the row's size: made one by one. */
function* namesOf(table: HypercubeTable): Generator<string, void, undefined> {
  const { tile, tiles, shape, shapes, time_start, z_start, y_start, x_start } = table;
  const images = tiles.map(({ prepared_id, tile_name }) => `${prepared_id}/${tile_name}`);
  const sizes = shapes.map((edges) => edges.join("x"));
  for (let row = 0; row < table.numRows; row++) {
    const place = `t${time_start[row]}z${z_start[row]}y${y_start[row]}x${x_start[row]}`;
    yield `${images[tile[row] ?? 0]}@${place} ${sizes[shape[row] ?? 0]}`;
  }
}
