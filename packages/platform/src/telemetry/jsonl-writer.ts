import { AppendFile } from "./append-file.ts";
import { eventToJson } from "./event.ts";
import { readLines } from "./lines.ts";
import { parseEvent } from "./reader.ts";
import { comesAfter, type EventWriter, type LogPosition, type OpenOptions } from "./writer.ts";

/** Writes `events.jsonl`: one event a line, as it happens. It is what all other views come from. */
export function jsonlWriter(path: string, { resumeAt }: OpenOptions): EventWriter {
  const file = new AppendFile(path);
  if (resumeAt !== null) file.truncate(endOfLog(path, resumeAt, file.size));
  return {
    write: (event) => file.append(`${eventToJson(event)}\n`),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

/** Where the first row begins that is to be written again. */
function endOfLog(path: string, at: LogPosition, size: number): number {
  for (const line of readLines(path)) {
    if (comesAfter(parseEvent(path, line), at)) return line.offset;
  }
  return size;
}
