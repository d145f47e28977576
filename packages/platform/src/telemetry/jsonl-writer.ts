import { AppendFile } from "./append-file.ts";
import { eventToJson } from "./event.ts";
import { readLines } from "./lines.ts";
import { parseEvent } from "./reader.ts";
import type { EventWriter, OpenOptions } from "./writer.ts";

/** Writes `events.jsonl`: one event a line, as it happens. It is what all other views come from. */
export function jsonlWriter(path: string, { resumeAtStep }: OpenOptions): EventWriter {
  const file = new AppendFile(path);
  if (resumeAtStep !== null) file.truncate(endOfStep(path, resumeAtStep, file.size));
  return {
    write: (event) => file.append(`${eventToJson(event)}\n`),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

/** Where the first row of a later step begins. */
function endOfStep(path: string, step: number, size: number): number {
  for (const line of readLines(path)) {
    if (parseEvent(path, line).step > step) return line.offset;
  }
  return size;
}
