import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { processStart } from "../../telemetry/index.ts";
import { spillFolder } from "./spill-folder.ts";

test("what a killed process spilled goes, what others use or own stays", async (t) => {
  const parent = await mkdtemp(join(tmpdir(), "cello-spills-"));
  t.after(() => rm(parent, { recursive: true }));
  const child = spawn("sleep", ["100"]);
  t.after(() => child.kill());
  await once(child, "spawn");
  const { pid = 0 } = child;
  const ours = basename(await spillFolder(parent));
  const childs = ours.replace(/^(cello-spill-\w+-)\d+-\d*/, `$1${pid}-${await processStart(pid)}`);
  const elsewhere = childs.replace(/spill-\w+/, "spill-0123456789abcdef");
  for (const name of [ours, childs, elsewhere, "cello-spill-", "else"]) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, "duckdb_temp_storage-0.tmp"), "rows");
  }

  await spillFolder(parent);
  assert.equal((await readdir(parent)).length, 5);

  child.kill("SIGKILL");
  await once(child, "exit");
  await spillFolder(parent);
  const left = [ours, elsewhere, "cello-spill-", "else"];
  assert.deepEqual(new Set(await readdir(parent)), new Set(left));
});
