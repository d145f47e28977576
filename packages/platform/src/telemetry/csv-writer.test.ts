import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { csvWriter } from "./csv-writer.ts";
import { writerSuite } from "./writer.suite.ts";

writerSuite({ name: "csv", open: (folder, options) => csvWriter(folder, options) });

test("a scalar that appears late is a new last column, empty in the rows before", () => {
  const folder = mkdtempSync(join(tmpdir(), "csv-"));
  const writer = csvWriter(folder, { stepName: "steps", resumeAt: null });
  const row = { kind: "step", time: "2026-01-01T00:00:00.000Z", epoch: 0 } as const;
  writer.write({ ...row, step: 1, scalars: { loss: 0.1 } });
  writer.write({ ...row, step: 2, scalars: { grad_norm: 2, loss: 0.30000000000000004 } });
  writer.close();
  assert.deepEqual(readFileSync(join(folder, "steps.csv"), "utf8").split("\n"), [
    "epoch,step,time,loss,grad_norm",
    "0,1,2026-01-01T00:00:00.000Z,0.1,",
    "0,2,2026-01-01T00:00:00.000Z,0.30000000000000004,2",
    "",
  ]);
  rmSync(folder, { recursive: true });
});
