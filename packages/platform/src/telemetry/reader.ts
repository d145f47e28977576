import { EventsCorruptError } from "./errors.ts";
import { Event } from "./event.ts";
import { type Line, readLines } from "./lines.ts";

/**
 * The events of a log in their order. A last line that is still being written is left out.
 *
 * @throws {@link EventsCorruptError} with file and line, at a line that is no event.
 */
export function* readEvents(path: string): Generator<Event> {
  for (const line of readLines(path)) yield parseEvent(path, line);
}

/** @throws {@link EventsCorruptError} when the line holds no event. */
export function parseEvent(path: string, { text, number }: Line): Event {
  const result = Event.safeParse(parseJson(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw new EventsCorruptError(path, number, `${issue?.message ?? "not an event"}${where}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
