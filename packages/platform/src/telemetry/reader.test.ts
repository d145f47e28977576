import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { EventsCorruptError } from "./errors.ts";
import { type Event, eventToJson } from "./event.ts";
import { readEvents } from "./reader.ts";

const folder = mkdtempSync(join(tmpdir(), "reader-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "events.jsonl");

const at = { time: "2026-01-01T00:00:00.000Z", epoch: 0, step: 1 };

test("every event reads back as it was written, numbers that JSON lacks included", () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const scalars = fc.dictionary(name, fc.double(), { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(scalars, { maxLength: 5 }), (rows) => {
      const events = rows.map((row): Event => ({ kind: "step", ...at, scalars: row }));
      writeFileSync(path, events.map((event) => `${eventToJson(event)}\n`).join(""));
      // -0 is written as 0 by JSON, and is the same loss
      const plain = (list: readonly Event[]) => list.map((event) => eventToJson(event));
      assert.deepEqual(plain([...readEvents(path)]), plain(events));
    }),
  );
});

test("a line that is still being written is left out", () => {
  writeFileSync(path, `${eventToJson({ kind: "step", ...at, scalars: {} })}\n{"kind":"st`);
  assert.equal([...readEvents(path)].length, 1);
});

test("a bad line that is not the last is named by file and line", () => {
  const good = eventToJson({ kind: "step", ...at, scalars: {} });
  writeFileSync(path, `${good}\n{"kind":"step","epoch":-1}\n${good}\n`);
  assert.throws(
    () => [...readEvents(path)],
    (error) =>
      error instanceof EventsCorruptError &&
      error.line === 2 &&
      error.message.startsWith(`${path}:2 is not a row of a log`),
  );
});

test("a line longer than one block of reading is one line", () => {
  const message = "x".repeat(200_000);
  const event: Event = { kind: "note", ...at, level: "info", code: null, message };
  writeFileSync(path, `${eventToJson(event)}\n${eventToJson(event)}\n`);
  assert.deepEqual([...readEvents(path)], [event, event]);
});
