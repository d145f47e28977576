import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startCello } from "./cello-process.ts";
import { smallData, smallRun } from "./small-data.ts";

let folder = "";
let data = "";
const start = (runs: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startCello(args, { runs: join(folder, runs), data, env });
const sessionsOf = async (...path: readonly string[]) =>
  JSON.parse(await readFile(join(folder, ...path, "run.json"), "utf8")).sessions;

const sweep = ["train", ...smallRun, "trainer.epochs=1", "-m", "seed=1,2"];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-several-"));
  data = join(folder, "data");
  await smallData(data);
});
after(() => rm(folder, { recursive: true, force: true }));

/** Waits until a run has stopped itself at its failpoint, and says which process it is. */
async function stoppedIn(run: string): Promise<number> {
  for (;;) {
    await sleep(20);
    const lock = join(run, "lock", "1");
    if (!existsSync(lock)) continue;
    const { pid } = JSON.parse(await readFile(lock, "utf8"));
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (stat[stat.lastIndexOf(")") + 2] === "T") return pid;
  }
}

test("Ctrl-C is handed to the run in hand, which saves; the same command goes on with the rest", async () => {
  const first = start("stopped", sweep, { CELLO_FAILPOINT: "opt.afterStep=stop@3" });
  const run = join(folder, "stopped", "nuclei_mae_sweep_seed_1");
  const pid = await stoppedIn(run);
  first.child.kill("SIGINT");
  process.kill(pid, "SIGCONT");
  const { code, stdout, stderr } = await first.ended;
  assert.equal(code, 75, stderr);
  assert.match(stderr, /^run 1 of 2: nuclei_mae_sweep_seed_1$/m);
  assert.match(stdout, /^nuclei_mae_sweep_seed_1 +stopped /m);
  assert.match(stdout, /^nuclei_mae_sweep_seed_2 +not started +- /m);
  assert.match(stdout, /2 runs: 1 stopped, 1 not started; the same command goes on/);

  const second = await start("stopped", sweep).ended;
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /^2 runs: 2 done$/m);
  const sessions = await sessionsOf("stopped", "nuclei_mae_sweep_seed_1");
  assert.deepEqual(
    sessions.map(({ outcome }: { outcome: string }) => outcome),
    ["stopped", "completed"],
  );
  assert.equal((await sessionsOf("stopped", "nuclei_mae_sweep_seed_2")).length, 1);

  const third = await start("stopped", sweep).ended;
  assert.equal(third.code, 0, third.stderr);
  assert.equal((await sessionsOf("stopped", "nuclei_mae_sweep_seed_2")).length, 1);
});

test("runs end with the process that started them, even when that is killed: saved, with 75", async () => {
  const first = start("orphan", sweep, { CELLO_FAILPOINT: "opt.afterStep=stop@3" });
  const pid = await stoppedIn(join(folder, "orphan", "nuclei_mae_sweep_seed_1"));
  first.child.kill("SIGKILL");
  process.kill(pid, "SIGCONT");
  for (;;) {
    const [session] = await sessionsOf("orphan", "nuclei_mae_sweep_seed_1");
    if (session.outcome !== "running") {
      assert.deepEqual([session.outcome, session.error], ["stopped", null]);
      break;
    }
    await sleep(20);
  }
});

test("a list of runs: one that fails does not stop the rest, and the exit code is its own", async () => {
  const configs = join(folder, "configs");
  await mkdir(configs, { recursive: true });
  const base = join(configs, "base.yaml");
  const { code: printed, stdout: yaml } = await start("list", [
    "config",
    "print",
    ...smallRun,
    "trainer.epochs=1",
  ]).ended;
  assert.equal(printed, 0);
  await writeFile(base, `# @package _global_\n${yaml}`);
  await writeFile(
    join(configs, "list.yaml"),
    `# @package _global_
run_type: multi_run
experiment_name: study
runs:
  - {name: broken, cfg: base, overrides: {paths: {data_path: ${join(folder, "nothing")}}}}
  - name: fine
    cfg: base
    sweep: [{optimizers: {lr: [0.001, 0.0005]}}]
`,
  );
  const manager = ["manager", `--config-dir=${configs}`, "--config-name=list"];
  const { code, stdout, stderr } = await start("list", manager).ended;
  assert.equal(code, 3, stderr);
  assert.match(stdout, /^broken +failed /m);
  assert.match(stdout, /^broken: CATALOGUE_MISSING: /m);
  assert.match(stdout, /^fine_sweep_lr_0p001 +done .* val_step_loss \d/m);
  assert.match(stdout, /^3 runs: 2 done, 1 failed; the same command goes on/m);
  const study = join(folder, "list", "study");
  assert.deepEqual((await readdir(study)).sort(), [
    "fine_sweep_lr_0p0005",
    "fine_sweep_lr_0p001",
    "latest",
    "run-configs",
  ]);
  const config = JSON.parse(
    await readFile(join(study, "fine_sweep_lr_0p001", "config.json"), "utf8"),
  );
  assert.deepEqual([config.experiment_name, config.optimizers.lr], ["fine_sweep_lr_0p001", 0.001]);

  const fast = await start("list", [...manager, "--fail-fast", "--json"]).ended;
  assert.equal(fast.code, 3);
  const rows = fast.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    rows.map(({ outcome }) => outcome),
    ["failed", "left", "left"],
  );
});

test("manager does what job_type says: train, then test, then predict", async () => {
  const manager = ["manager", ...smallRun, "trainer.epochs=1"];
  assert.equal((await start("jobs", manager).ended).code, 0);
  const measured = await start("jobs", [...manager, "job_type=test", "--json"]).ended;
  assert.equal(measured.code, 0, measured.stderr);
  const { step, losses, num_samples } = JSON.parse(measured.stdout);
  assert.equal(step, 8);
  const log = await readFile(join(folder, "jobs/nuclei_mae/logs/events.jsonl"), "utf8");
  const epochs = log.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  const validated = epochs.filter(({ kind }) => kind === "epoch").at(-1).scalars.val_step_loss;
  assert.ok(
    Math.abs(losses.val_step_loss - validated) < 1e-6,
    `${losses.val_step_loss} ${validated}`,
  );
  assert.ok(num_samples > 0);
  const predicted = await start("jobs", [...manager, "job_type=predict"]).ended;
  assert.equal(predicted.code, 0, predicted.stderr);
  assert.ok(existsSync(join(folder, "jobs/nuclei_mae/inference/prediction.png")));
});
