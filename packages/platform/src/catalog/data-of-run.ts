import { sampleId } from "../data/index.ts";
import type { HypercubeRecord } from "../database/index.ts";
import { type DataIdentity, dataIdentity } from "../training/index.ts";
import type { TrainingParts } from "./training-parts.ts";

/** Which hypercubes a run is about, held out or not; where they lie may change. */
export function dataOfRun({ data }: Pick<TrainingParts, "data">): DataIdentity {
  return dataIdentity(data.records.map(nameOf));
}

function nameOf(record: HypercubeRecord, index: number): string {
  const { time_start, z_start, y_start, x_start, time_size, z_size, y_size, x_size } = record;
  const origin = [time_start, z_start, y_start, x_start] as const;
  const size = [time_size, z_size, y_size, x_size].join("x");
  return `${sampleId({ index, record, origin })} ${size}`;
}
