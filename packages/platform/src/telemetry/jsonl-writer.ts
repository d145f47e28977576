import { AppendFile } from "./append-file.ts";
import { endOfLog } from "./end-of-log.ts";
import { eventToJson } from "./event.ts";
import { type Line, readLines } from "./lines.ts";
import { parseEvent } from "./reader.ts";
import { comesAfter, type EventWriter, type OpenOptions } from "./writer.ts";

/** Writes `events.jsonl`: one event a line, as it happens. It is what all other views come from. */
export function jsonlWriter(path: string, { resumeAt, note }: OpenOptions): EventWriter {
  const file = new AppendFile(path, note);
  if (resumeAt !== null) {
    const isRepeated = (line: Line) => comesAfter(parseEvent(path, line), resumeAt);
    file.truncate(endOfLog(readLines(path), { path, isRepeated }) ?? file.size);
  }
  return {
    write: (event) => file.append(`${eventToJson(event)}\n`),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}
