import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { composeRun } from "../config/index.ts";
import { recordAt, tableOf } from "../data/loader/tiles.fixture.ts";
import { systemClock } from "../telemetry/index.ts";
import { rowsOfRun, saveRowsOfRun } from "./rows-of-run.ts";
import { runnable } from "./runnable-config.ts";

test("saved rows are told of, and that a quarantine which is newer is not applied to them", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-rows-"));
  t.after(() => rm(folder, { recursive: true }));
  const quarantine = join(folder, "q.json");
  await writeFile(quarantine, "{}");
  await utimes(quarantine, 0, 0);
  const overrides = [`paths.outdir=${folder}`, `datasets.databases.quarantine_path=${quarantine}`];
  const { config: composed } = composeRun({
    configName: "experiments/nuclei_mae",
    overrides,
    configDirs: [],
    env: { DATA_DIR: folder }, // where there is no catalogue
  });
  const config = runnable(composed);
  const row = recordAt(folder, [0, 0, 0, 0], [1, 12, 32, 32], [1, 12, 48, 32, 1]);
  await saveRowsOfRun(config, await tableOf([row]), { clock: systemClock, isNew: false });
  const ask = async () => {
    const lines: string[] = [];
    const options = { signal: new AbortController().signal, asksAnew: false };
    const rows = await rowsOfRun(config, { ...options, say: (line) => lines.push(line) });
    assert.deepEqual([rows.table.numRows, rows.areSaved], [1, true]);
    return lines;
  };
  const [line, ...others] = await ask();
  assert.match(line ?? "", /catalogue\.duckdb.*; 1 rows of .*, saved .* \(less than a day old\)$/);
  assert.deepEqual(others, []);
  await utimes(quarantine, 1e10, 1e10);
  const told = await ask();
  assert.match(told[1] ?? "", /q\.json is newer than these rows, .* add --accept-new-data$/);
});
