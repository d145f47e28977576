import { type Sample, sampleId } from "../sample.ts";
import type { SourceCounts } from "./counts.ts";

/** Tells of the first sample of which chunks are not on disk; those behind it are counted. */
export class MissingNote {
  readonly #say: (line: string) => void;
  readonly #told = new Set<string>();

  constructor(say: (line: string) => void = () => {}) {
    this.#say = say;
  }

  ofImage(sample: Sample, path: string, { chunks, missingChunks }: SourceCounts): void {
    if (missingChunks === 0) return;
    this.#tell("image", sample, path, `${missingChunks} of ${chunks} chunks`, "its fill value");
  }

  ofLabels(sample: Sample, path: string, { chunks, missingLabelChunks }: SourceCounts): void {
    if (missingLabelChunks === 0) return;
    this.#tell("labels", sample, path, `${missingLabelChunks} of ${chunks} chunks`, "background");
  }

  #tell(what: string, sample: Sample, path: string, found: string, takenAs: string): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#say(
      `${path}: ${found} of sample ${sampleId(sample)} are not on disk, and each is taken as ${takenAs}; datasets.loader.missing_chunks=error stops in place of that`,
    );
  }
}
