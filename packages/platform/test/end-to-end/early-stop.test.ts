import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startCello } from "./cello-process.ts";
import { smallData, smallRun } from "./small-data.ts";

test("the config's hooks are those of the run: early stop ends it, and it goes on with more patience", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-stop-"));
  t.after(() => rm(folder, { recursive: true }));
  const [data, runs] = [join(folder, "data"), join(folder, "runs")];
  await smallData(data);
  const train = async (patience: number, ...more: readonly string[]) => {
    const stop = `{name:early_stop,metric_name:val_step_loss,mode:min,patience:${patience},stopping_threshold:1000}`;
    const hooks = `+hooks={hooks_list:[{name:periodic_writer},{name:periodic_checkpointer},${stop}]}`;
    return await startCello(["train", ...smallRun, hooks, ...more], { data, runs }).ended;
  };
  const without = await train(1, "datasets.split=0"); // it would never stop
  assert.equal(without.code, 2, without.stderr);
  assert.match(
    without.stderr,
    /hooks\.hooks_list\.2 early_stop needs validations: datasets\.split/,
  );
  const first = await train(1);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^Done: val_step_loss has not improved on \S+ in 1 validations\.$/m);
  const rows = await readFile(join(runs, "nuclei_mae", "logs", "events.jsonl"), "utf8");
  assert.equal(rows.match(/"kind":"epoch"/g)?.length, 2);
  assert.doesNotMatch(rows, /"lr":|"step_time":/); // hooks that the list does not name
  const again = await train(1);
  assert.match(again.stdout, /^This run is finished: val_step_loss has not improved/m);
  assert.match(again.stdout, /^To train longer, raise hooks\.hooks_list\.2\.patience, now 1, or/m);
  assert.doesNotMatch(again.stdout, /trainer\.epochs/);
  const patient = await train(2);
  assert.equal(patient.code, 0, patient.stderr);
  assert.match(patient.stderr, /going on from step 16 of 32/);
  assert.match(patient.stdout, /^Done: val_step_loss has not improved on \S+ in 2 validations\.$/m);
  const steps = await readdir(join(runs, "nuclei_mae", "checkpoints"));
  assert.ok(steps.includes("step-000000024"), `${steps}`);
});
