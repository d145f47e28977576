// Scenarios R22 and R23 in `npm test`: what is refused, and a minute of mutated cases. How long each
// takes, and how much memory, is measured by `npm run verify -- hostile`.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startWorker } from "../../../bench/drive/worker.ts";
import type { HostileReport } from "../hostile.ts";

const fuzzMs = 60_000;

test("what is made to hurt is refused by name, and for a minute so is what is mutated, or it composes", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31); // a failure names it, and its case
  const script = join(import.meta.dirname, "worker.ts");
  const worker = startWorker([process.execPath, script, String(seed), String(fuzzMs)]);
  t.after(() => worker.close());
  const reports: HostileReport[] = [];
  while (reports.at(-1)?.isLast !== true) reports.push(await worker.answer<HostileReport>());
  const faults = reports.flatMap(({ what, fault }) =>
    fault === null ? [] : [`${what}: ${fault}`],
  );
  assert.deepEqual(faults, []);
  const { count = 0, what = "" } = reports.at(-1) ?? {};
  t.diagnostic(`${reports.length - 1} cases; ${count} ${what}`);
  assert.ok(reports.length > 50, `${reports.length} cases`);
  assert.ok(count > 0);
});
