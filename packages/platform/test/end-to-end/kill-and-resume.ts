// Kills `cello train` with SIGKILL at random instants, starts it again, and compares what comes out
// with a run that was left alone. `npm test` does it 5 times; by hand:
//
//   node packages/platform/test/end-to-end/kill-and-resume.ts --kills 200 --seed 1

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RandomStream } from "../../src/rng/index.ts";
import { startCello } from "./cello-process.ts";
import { listedSteps, runHistory } from "./run-history.ts";
import { smallData, smallRun } from "./small-data.ts";

export interface KillReport {
  readonly seed: number;
  readonly kills: number;
  /** Runs that were killed, started again until they were done, and compared. */
  readonly runs: number;
  /** Kills that hit while at least one checkpoint was listed. */
  readonly killsAfterASave: number;
  /** Checkpoints that were listed at a kill, and verified. */
  readonly checkpointsVerified: number;
}

/** Kills until `kills` have hit; each run that gets through must equal the one left alone. */
export async function killAndResume(options: { kills: number; seed: number }): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), "cello-kill-"));
  try {
    return await killIn(folder, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function killIn(folder: string, { kills, seed }: { kills: number; seed: number }) {
  const data = join(folder, "data");
  await smallData(data);
  const train = (runs: string) => startCello(["train", ...smallRun], { runs, data });
  const golden = join(folder, "golden");
  const first = await train(golden).ended;
  assert.equal(first.code, 0, first.stderr);
  let wallMs = 5000; // of a whole run; learnt from those that get through, as the machine's load changes
  const expected = await runHistory(join(golden, "nuclei_mae"));
  const rng = new RandomStream({ seed, purpose: "kill", epoch: 0, index: 0 });
  let [hits, runs, killsAfterASave, checkpointsVerified] = [0, 0, 0, 0];
  while (hits < kills) {
    const home = join(folder, `run-${runs}`);
    const run = join(home, "nuclei_mae");
    for (let attempt = 0; ; attempt++) {
      const began = performance.now();
      const { child, ended } = train(home);
      const timer = setTimeout(
        () => child.kill("SIGKILL"),
        hits < kills ? rng.uniform(0.25, 0.8) * wallMs : 100 * wallMs + 60_000,
      );
      const { code, signal, stderr } = await ended;
      clearTimeout(timer);
      if (signal === null) {
        assert.equal(code, 0, stderr);
        if (attempt === 0) wallMs = performance.now() - began;
        break;
      }
      hits += 1;
      const steps = await listedSteps(run);
      checkpointsVerified += steps.length;
      if (steps.length > 0) killsAfterASave += 1;
    }
    const actual = await runHistory(run);
    assert.deepEqual(actual.rows, expected.rows, `run ${runs}, seed ${seed}: rows differ`);
    assert.deepEqual(actual.columns, expected.columns, `run ${runs}, seed ${seed}: CSV differs`);
    assert.deepEqual(actual.final, expected.final, `run ${runs}, seed ${seed}: states differ`);
    await rm(home, { recursive: true });
    runs += 1;
  }
  return { seed, kills: hits, runs, killsAfterASave, checkpointsVerified };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { kills: { type: "string" }, seed: { type: "string" } },
  });
  const report = await killAndResume({
    kills: Number(values.kills ?? 20),
    seed: Number(values.seed ?? 0),
  });
  console.log(JSON.stringify(report));
}
