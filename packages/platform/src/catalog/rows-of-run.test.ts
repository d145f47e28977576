import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { composeRun } from "../config/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { rowsOfRun, saveRowsOfRun } from "./rows-of-run.ts";
import { runnable } from "./runnable-config.ts";

test("saved rows are told of, and that a quarantine which is newer is not applied to them", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-rows-"));
  t.after(() => rm(folder, { recursive: true }));
  const [quarantine, catalogue] = [join(folder, "q.json"), join(folder, "rows.csv")];
  await writeFile(quarantine, '{"version":1,"parts":[]}');
  await utimes(quarantine, 0, 0);
  const header =
    "prepared_id,tile_name,time_start,z_start,y_start,x_start,time_size,cube_size,channel_size";
  await writeFile(catalogue, `${header}\nroi,tile,0,0,0,0,1,64,1\n`);
  const { config: composed } = composeRun({
    configName: "experiments/nuclei_mae",
    overrides: [
      `paths.outdir=${folder}`,
      `datasets.databases.catalogue_path=${catalogue}`,
      `datasets.databases.quarantine_path=${quarantine}`,
      "datasets.databases.synthetic_only=null",
    ],
    configDirs: [],
    env: { DATA_DIR: folder },
  });
  const config = runnable(composed);
  const ask = async () => {
    const lines: string[] = [];
    const options = { signal: new AbortController().signal, asksAnew: false };
    const rows = await rowsOfRun(config, { ...options, say: (line) => lines.push(line) });
    return { ...rows, lines };
  };
  const { table, areSaved, lines: silence } = await ask();
  assert.deepEqual([areSaved, silence], [false, []]);
  await saveRowsOfRun(config, table, { clock: systemClock, isNew: false });
  await rm(catalogue);
  const saved = await ask();
  assert.deepEqual([saved.areSaved, saved.table.numRows], [true, table.numRows]);
  assert.equal(saved.lines.length, 1);
  assert.match(
    saved.lines[0] ?? "",
    /; \d+ rows of .*rows\.csv, saved .* \(less than a day old\)$/,
  );
  await utimes(quarantine, 1e10, 1e10);
  const { lines } = await ask();
  assert.match(lines[1] ?? "", /q\.json is newer than these rows, .* add --accept-new-data$/);
});
