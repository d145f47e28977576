import { waitedFor } from "@cell-observatory/zarr";
import { arrayPath, type Sample, sampleId } from "../sample.ts";

const most = 3;

/** What a batch is waiting for, as part of a sentence: files that storage keeps back, or its samples. */
export function waitingFor(samples: readonly Sample[]): string {
  const files = waitedFor(0).map(({ path, seconds }) => `${path} for ${seconds.toFixed(1)} s`);
  if (files.length > 0) return `storage has not given ${someOf(files)}`;
  const wanted = samples.map((sample) => `${sampleId(sample)} in ${arrayPath(sample.record)}`);
  return `it holds ${someOf(wanted)}`;
}

function someOf(names: readonly string[]): string {
  const others = names.length > most ? ` and ${names.length - most} others` : "";
  return names.slice(0, most).join(", ") + others;
}
