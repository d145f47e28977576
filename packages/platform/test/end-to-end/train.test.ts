import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readMultiscales } from "@cell-observatory/zarr";
import { startCello } from "./cello-process.ts";
import { killAndResume } from "./kill-and-resume.ts";
import { listedSteps, type RunHistory, runHistory } from "./run-history.ts";
import { smallData, smallRun } from "./small-data.ts";

let folder = "";
let data = "";
let golden: RunHistory;
const options = (name: string) => ({ runs: join(folder, name), data });
const runOf = (name: string) => join(folder, name, "nuclei_mae");

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-end-to-end-"));
  data = join(folder, "data");
  await smallData(data);
  const { code, stderr } = await startCello(["train", ...smallRun], options("golden")).ended;
  assert.equal(code, 0, stderr);
  golden = await runHistory(runOf("golden"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("a run leaves its config, its log, its checkpoints and a curve", async () => {
  const names = await readdir(runOf("golden"));
  for (const name of ["run.json", "config.json", "config.yaml", "overrides.txt", "curve.png"]) {
    assert.ok(names.includes(name), name);
  }
  const { sessions } = JSON.parse(await readFile(join(runOf("golden"), "run.json"), "utf8"));
  assert.equal(sessions.length, 1);
  assert.deepEqual([sessions[0].outcome, sessions[0].to_step], ["completed", 32]);
  assert.equal(golden.rows.length, 32 + 4);
});

test("a finished run says so, and what to change", async () => {
  const { code, stdout } = await startCello(["train", ...smallRun], options("golden")).ended;
  assert.equal(code, 0);
  assert.match(stdout, /This run is finished: all 32 steps are done/);
  assert.match(stdout, /raise trainer\.epochs, now 4; to start over, add --fresh/);
});

test("one Ctrl-C finishes the step, saves, and exits with 75; the same command then goes on", async () => {
  const env = { CELLO_FAILPOINT: "opt.afterStep=stop@5" };
  const first = startCello(["train", ...smallRun], { ...options("interrupted"), env });
  await first.stopped();
  first.child.kill("SIGINT");
  first.child.kill("SIGCONT");
  const { code, stderr, stdout } = await first.ended;
  assert.equal(code, 75, stderr);
  assert.match(stdout, /Stopped after step \d+, and saved/);
  const [saved = 0] = (await listedSteps(runOf("interrupted"))).slice(-1);
  assert.ok(saved > 0 && saved < 32, `${saved}`);
  const second = await startCello(["train", ...smallRun], options("interrupted")).ended;
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, new RegExp(`going on from step ${saved} of 32`));
  assert.deepEqual(await runHistory(runOf("interrupted")), golden);
});

test("one Ctrl-C in the last step of an epoch stops before its validation; killed in the save after it, the run goes on", async () => {
  await Promise.all(
    ["beforeRename", "duringRename", "afterSync"].map(async (point) => {
      const name = `epoch-end-${point}`;
      const stopping = { CELLO_FAILPOINT: "opt.afterStep=stop@8" };
      const first = startCello(["train", ...smallRun], { ...options(name), env: stopping });
      await first.stopped();
      first.child.kill("SIGINT");
      first.child.kill("SIGCONT");
      const { code, stderr } = await first.ended;
      assert.equal(code, 75, stderr);
      assert.doesNotMatch(stderr, /val_step_loss/);
      const killing = { CELLO_FAILPOINT: `ckpt.${point}=kill@1` };
      const second = startCello(["train", ...smallRun], { ...options(name), env: killing });
      assert.equal((await second.ended).signal, "SIGKILL");
      const third = await startCello(["train", ...smallRun], options(name)).ended;
      assert.match(third.stderr, /going on from step 8 of 32/);
      assert.equal(third.code, 0, third.stderr);
      assert.deepEqual(await runHistory(runOf(name)), golden, point);
    }),
  );
});

test("Ctrl-C twice ends at once, also inside a save, and the run goes on from the save before", async () => {
  const env = { CELLO_FAILPOINT: "ckpt.afterModel=stop@2" };
  const first = startCello(["train", ...smallRun], { ...options("twice-stopped"), env });
  await first.stopped();
  first.child.kill("SIGINT");
  first.child.kill("SIGTERM"); // a second SIGINT would be one with the first: the process is stopped
  first.child.kill("SIGCONT");
  assert.equal((await first.ended).code, 130);
  const second = await startCello(["train", ...smallRun], options("twice-stopped")).ended;
  assert.match(second.stderr, /going on from step 3 of 32/);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(await runHistory(runOf("twice-stopped")), golden);
});

test("killed five times at random instants, a run ends as one that was left alone", async () => {
  const { kills, runs } = await killAndResume({ kills: 5, seed: 11 });
  assert.equal(kills, 5);
  assert.ok(runs > 0);
});

test("killed inside a save, at each of its points, the run goes on from the save before", async () => {
  const points = ["afterModel", "beforeRename", "afterRename", "beforePointer", "duringRemove"];
  await Promise.all(
    points.map(async (point) => {
      const name = `failpoint-${point}`;
      const env = { CELLO_FAILPOINT: `ckpt.${point}=kill@2` };
      const first = await startCello(["train", ...smallRun], { ...options(name), env }).ended;
      assert.equal(first.signal, "SIGKILL", point);
      assert.ok((await listedSteps(runOf(name))).length > 0, point);
      const second = await startCello(["train", ...smallRun], options(name)).ended;
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(await runHistory(runOf(name)), golden, point);
      const left = await readdir(join(runOf(name), "checkpoints"));
      assert.ok(!left.some((file) => /\.(tmp|removing|replaced)-/.test(file)), `${point}: ${left}`);
    }),
  );
});

test("a disk that is full for one save costs one warning, and nothing else", async () => {
  const env = { CELLO_FAILPOINT: "ckpt.afterOptimizer=enospc@2" };
  const { code, stderr } = await startCello(["train", ...smallRun], { ...options("full"), env })
    .ended;
  assert.equal(code, 0, stderr);
  const log = await readFile(join(runOf("full"), "logs", "events.jsonl"), "utf8");
  const warnings = log.split("\n").filter((line) => line.includes('"warning"'));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /CHECKPOINT_SAVE.*ENOSPC/);
  assert.deepEqual(await runHistory(runOf("full")), golden);
});

test("a damaged newest checkpoint is named, set aside, and the one before is used", async () => {
  const name = "damaged";
  const env = { CELLO_FAILPOINT: "opt.afterStep=kill@20" };
  await startCello(["train", ...smallRun], { ...options(name), env }).ended;
  const steps = await listedSteps(runOf(name));
  const newest = `step-${String(steps.at(-1)).padStart(9, "0")}`;
  await truncate(join(runOf(name), "checkpoints", newest, "model.safetensors"), 1000);
  const second = await startCello(["train", ...smallRun], options(name)).ended;
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, new RegExp(`${newest} is damaged: model.safetensors has 1000 bytes`));
  assert.match(second.stderr, new RegExp(`going back to step ${steps.at(-2)}`));
  assert.deepEqual(await runHistory(runOf(name)), golden);
});

test("two of the same command at once: the second is refused, with the pid of the first", async () => {
  const env = { CELLO_FAILPOINT: "opt.afterStep=stop@5" };
  const first = startCello(["train", ...smallRun], { ...options("twice"), env });
  await first.stopped();
  const second = await startCello(["train", ...smallRun], options("twice")).ended;
  first.child.kill("SIGCONT");
  assert.equal(second.code, 4);
  assert.match(second.stderr, new RegExp(`RUN_LOCKED: .*written by process ${first.child.pid}`));
  assert.equal((await first.ended).code, 0);
  assert.deepEqual(await runHistory(runOf("twice")), golden);
});

test("--check takes one batch end to end, estimates, and writes nothing", async () => {
  const { code, stdout } = await startCello(["train", ...smallRun, "--check"], options("check"))
    .ended;
  assert.equal(code, 0);
  assert.match(stdout, /^model .* parameters, 32 tokens a sample, float32 on cpu$/m);
  assert.match(stdout, /^memory .* MiB of tensors at the peak$/m);
  await assert.rejects(readdir(join(folder, "check")), { code: "ENOENT" });
});

test("predict rebuilds a volume: OME-Zarr, picture, and the errors beside two simple guesses", async () => {
  const { code, stdout, stderr } = await startCello(
    ["predict", ...smallRun, "--json"],
    options("golden"),
  ).ended;
  assert.equal(code, 0, stderr);
  const { errors, zarr, picture, step } = JSON.parse(stdout);
  assert.ok(step > 0 && errors.model > 0 && errors.interpolation > 0);
  assert.ok(Math.abs(errors.visibleMean - 1) < 0.5, `${errors.visibleMean}`);
  const { axes, channelNames, datasets } = await readMultiscales(zarr);
  assert.equal(axes.map(({ name }) => name).join(""), "tczyx");
  assert.deepEqual(channelNames, ["input", "masked", "reconstruction"]);
  assert.deepEqual(datasets[0]?.scale, [1, 1, 2, 0.5, 0.5]);
  assert.equal((await readFile(picture)).subarray(1, 4).toString(), "PNG");
  const { sessions } = JSON.parse(await readFile(join(runOf("golden"), "run.json"), "utf8"));
  const { job, outcome, from_step, command } = sessions.at(-1);
  assert.deepEqual([job, outcome, from_step], ["predict", "completed", step]);
  assert.ok(command.includes("predict"), command.join(" "));
});

test("predict calls samples held out only if they were, and says what the model was told", async () => {
  const name = ["datasets.split=0", "models.meta_arch.mae.norm_targets=true", "trainer.epochs=1"];
  const { code, stderr } = await startCello(["train", ...smallRun, ...name], options("told")).ended;
  assert.equal(code, 0, stderr);
  const end = await startCello(["predict", ...smallRun, ...name, "--json"], options("told")).ended;
  assert.equal(end.code, 0, end.stderr);
  const { subject, curve } = JSON.parse(end.stdout);
  assert.match(subject, /^samples of this image \(the model is told the mean and deviation of/);
  assert.equal(curve, null);
});

test("predict without a run says which folder was looked in, and what to do", async () => {
  const { code, stderr } = await startCello(["predict", ...smallRun], options("nowhere")).ended;
  assert.equal(code, 3);
  assert.match(stderr, /RUN_NONE: expected a trained run in .*nowhere\/nuclei_mae/);
  assert.match(stderr, /cello train --config-name=experiments\/nuclei_mae/);
});
