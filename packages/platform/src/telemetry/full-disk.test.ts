import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { csvWriter } from "./csv-writer.ts";
import { jsonlWriter } from "./jsonl-writer.ts";
import type { OpenOptions } from "./writer.ts";

const writers = {
  jsonlWriter: (folder: string, options: OpenOptions) =>
    jsonlWriter(join(folder, "events.jsonl"), options),
  csvWriter,
};

const stepEvent = (step: number) => {
  const time = "2026-01-01T00:00:00.000Z";
  return { kind: "step", epoch: 0, step, time, scalars: { loss: 1 / step } } as const;
};

/** Writes steps in a process whose files may not grow beyond 4 KiB, until that is refused. */
function fillUp(folder: string, name: keyof typeof writers): { code: string; step: number } {
  const file = name === "jsonlWriter" ? "jsonl-writer" : "csv-writer";
  const target = name === "jsonlWriter" ? join(folder, "events.jsonl") : folder;
  const program = `
    const { ${name} } = await import(${JSON.stringify(import.meta.resolve(`./${file}.ts`))});
    const stepEvent = ${stepEvent.toString()};
    const writer = ${name}(${JSON.stringify(target)}, { resumeAt: null });
    for (let step = 1; ; step++) {
      try {
        writer.write(stepEvent(step));
      } catch ({ code }) {
        console.log(JSON.stringify({ code, step }));
        break;
      }
    }`;
  const limited = 'ulimit -f 8; exec "$0" "$@"'; // in blocks of 512 bytes (POSIX)
  const flags = ["--input-type=module-typescript", "-e", program];
  const { stdout, stderr } = spawnSync("sh", ["-c", limited, process.execPath, ...flags], {
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

for (const name of ["jsonlWriter", "csvWriter"] as const) {
  test(`${name}: a row that the disk has no room for leaves no trace, and is written when there is room`, (t) => {
    const root = mkdtempSync(join(tmpdir(), "full-"));
    t.after(() => rmSync(root, { recursive: true }));
    const [full, whole] = [join(root, "full"), join(root, "whole")];
    const { code, step } = fillUp(full, name);
    assert.equal(code, "EVENTS_WRITE");
    assert.ok(step > 10, `${step}`);
    for (const file of readdirSync(full)) {
      assert.match(readFileSync(join(full, file), "utf8"), /^$|\n$/);
    }
    const again = writers[name](full, { resumeAt: null });
    again.write(stepEvent(step));
    again.close();
    const never = writers[name](whole, { resumeAt: null });
    for (let i = 1; i <= step; i++) never.write(stepEvent(i));
    never.close();
    for (const file of readdirSync(whole)) {
      assert.equal(readFileSync(join(full, file), "utf8"), readFileSync(join(whole, file), "utf8"));
    }
  });
}
