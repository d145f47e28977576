import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { RunFileError } from "./errors.ts";
import { openSession, readRunFile } from "./run-file.ts";

const root = mkdtempSync(join(tmpdir(), "run-file-"));
after(() => rmSync(root, { recursive: true }));

const clock = { now: () => Date.UTC(2026, 0, 1) };
const laterClock = { now: () => clock.now() + 1000 };
const facts = {
  experimentName: "nuclei",
  command: ["cello", "train"],
  seed: 7,
  fromStep: 0,
  device: "cpu",
  versions: { torch: "2.15.0" },
};

test("a session is on disk as running while it runs, and with its outcome afterwards", async () => {
  const folder = join(root, "one");
  const close = await openSession(folder, facts, clock);
  const path = join(folder, "run.json");
  assert.equal(readRunFile(path).sessions[0]?.outcome, "running");
  close({ outcome: "stopped", toStep: 12 });
  const [session] = readRunFile(path).sessions;
  assert.equal(session?.outcome, "stopped");
  assert.equal(session?.to_step, 12);
  assert.equal(session?.ended, "2026-01-01T00:00:00.000Z");
  assert.equal(session?.versions.torch, "2.15.0");
});

test("a run that is continued has one more session, and keeps what was there", async () => {
  const folder = join(root, "two");
  (await openSession(folder, facts, clock))({ outcome: "stopped", toStep: 3 });
  (await openSession(folder, { ...facts, fromStep: 3 }, clock))({
    outcome: "failed",
    toStep: 5,
    error: { code: "NUMERIC_LOSS", message: "loss is NaN at step 5" },
  });
  const { sessions } = readRunFile(join(folder, "run.json"));
  assert.deepEqual(
    sessions.map(({ from_step, to_step, outcome }) => [from_step, to_step, outcome]),
    [
      [0, 3, "stopped"],
      [3, 5, "failed"],
    ],
  );
  assert.equal(sessions[1]?.error?.code, "NUMERIC_LOSS");
});

test("a run that is measured while it trains keeps both sessions", async () => {
  const folder = join(root, "both");
  const closeTraining = await openSession(folder, facts, clock);
  const closeTest = await openSession(folder, { ...facts, job: "test" }, laterClock);
  closeTest({ outcome: "completed", toStep: 4 });
  closeTraining({ outcome: "completed", toStep: 9 });
  const { sessions } = readRunFile(join(folder, "run.json"));
  assert.deepEqual(
    sessions.map(({ job, outcome, to_step }) => [job, outcome, to_step]),
    [
      ["train", "completed", 9],
      ["test", "completed", 4],
    ],
  );
});

test("a value of the environment is nowhere in run.json", async () => {
  process.env.WANDB_API_KEY = "canary-5f1c";
  const folder = join(root, "three");
  const command = ["cello", "train", "wandb_project=canary-5f1c"];
  (await openSession(folder, { ...facts, command }, clock))({
    outcome: "failed",
    toStep: 1,
    error: { code: "UNEXPECTED", message: "no such user: canary-5f1c" },
  });
  const text = readFileSync(join(folder, "run.json"), "utf8");
  assert.doesNotMatch(text, /canary/);
  assert.match(text, /wandb_project=\$\{oc\.env:WANDB_API_KEY\}/);
});

test("the packages that ran are named by the hash of the lock file, and the program by its version", async () => {
  const folder = join(root, "five");
  (await openSession(folder, facts, clock))({ outcome: "completed", toStep: 1 });
  const [session] = readRunFile(join(folder, "run.json")).sessions;
  const lock = readFileSync(join(import.meta.dirname, "../../../../package-lock.json"));
  assert.equal(session?.lockfile_sha256, createHash("sha256").update(lock).digest("hex"));
  assert.match(session?.versions.cello ?? "", /^\d+\.\d+\.\d+/);
});

test("a file of before the lock file was noted is read as well", () => {
  const path = join(root, "two", "run.json");
  const file = JSON.parse(readFileSync(path, "utf8"));
  for (const session of file.sessions) delete session.lockfile_sha256;
  writeFileSync(path, JSON.stringify(file));
  assert.equal(readRunFile(path).sessions[0]?.lockfile_sha256, null);
});

test("another run's folder and a file that is no run's are refused, and left as they are", async () => {
  const folder = join(root, "four");
  (await openSession(folder, facts, clock))({ outcome: "completed", toStep: 1 });
  const path = join(folder, "run.json");
  const before = readFileSync(path, "utf8");
  await assert.rejects(
    openSession(folder, { ...facts, experimentName: "other" }, clock),
    (error) => error instanceof RunFileError && /expected other, found nuclei/.test(error.message),
  );
  assert.equal(readFileSync(path, "utf8"), before);
  writeFileSync(path, "{");
  await assert.rejects(openSession(folder, facts, clock), RunFileError);
  assert.equal(readFileSync(path, "utf8"), "{");
});
