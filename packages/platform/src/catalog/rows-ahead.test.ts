import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { composeRun } from "../config/index.ts";
import { CatalogueWriter } from "../database/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { rowsOfRun, saveRowsAhead } from "./rows-of-run.ts";
import { runnable } from "./runnable-config.ts";

const home = mkdtempSync(join(tmpdir(), "cello-rows-of-run-"));
const catalogue_path = join(home, "catalogue.duckdb");
after(() => rmSync(home, { recursive: true }));
/** A grid is laid over it. */
const tile = {
  ...{ prepared_id: "roi", server_folder: "/server", output_folder: "", array_path: "0" },
  ...{ axes: "TZYXC", labels_path: null, tracks_path: null, dtype: "uint16", source: "test" },
  ...{ time_size: 1, z_size: 12, y_size: 64, x_size: 64, channel_size: 1 },
  ...{ z_um: null, y_um: null, x_um: null, frame_interval_s: null, hpf: null },
  ...{ is_synthetic: false, occupancy_thresholds: [] },
};

const { signal } = new AbortController();

const configOf = (...overrides: string[]) =>
  runnable(
    composeRun({
      configName: "experiments/nuclei_mae",
      overrides: [
        `datasets.databases.catalogue_path=${catalogue_path}`,
        `paths.outdir=${join(home, "run")}`,
        ...overrides,
      ],
      configDirs: [],
      env: {},
    }).config,
  );

test("rows that were saved ahead are those of the run, without its database", async () => {
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    for (const tile_name of ["a", "b"]) await writer.put({ ...tile, tile_name }, []);
  }
  const lines: string[] = [];
  const asked = { signal, asksAnew: false, say: (line: string) => lines.push(line) };
  const { table } = await rowsOfRun(configOf(), asked);
  assert.deepEqual(lines, []);
  const numRows = await saveRowsAhead(configOf(), join(home, "run"), {
    note: (text) => assert.fail(text),
    clock: systemClock,
    signal,
  });
  assert.equal(numRows, table.numRows);
  rmSync(catalogue_path);
  const { table: again } = await rowsOfRun(configOf(), asked);
  assert.deepEqual([...again.records()], [...table.records()]);
  assert.match(lines.join(), /there is no catalogue at .* rows of .*, saved /);
  const other = configOf("datasets.databases.max_hypercubes=1");
  await assert.rejects(rowsOfRun(other, asked), { code: "CATALOGUE_MISSING" });
});
