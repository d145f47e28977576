import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodeOfQueue, type ProcessEnd, runQueue } from "./run-queue.ts";
import { summaryLines } from "./summary-table.ts";

interface Fake {
  readonly name: string;
  readonly outdir: string;
  readonly exitCode: number | null;
}

const run = (name: string, exitCode: number | null = 0): Fake => ({
  name,
  outdir: `runs/${name}`,
  exitCode,
});

interface Options {
  readonly isFailFast?: boolean;
  /** The name of the run during which a stop is asked for. */
  readonly stopIn?: string;
}

/** Runs that end at once with their exit code; one that is asked to stop ends with 75. */
async function queue(runs: readonly Fake[], { isFailFast = false, stopIn }: Options = {}) {
  const controller = new AbortController();
  const stops: string[] = [];
  const ends = await runQueue(runs, {
    isFailFast,
    signal: controller.signal,
    now: () => 0,
    start: ({ name, exitCode }) => {
      const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
      const end = (code: number | null) =>
        resolve({
          exitCode: code,
          signal: code === null ? "SIGKILL" : null,
          error: code === 2 ? "CONFIG_PART: lacks a part:\n  muon\nhint:  Add it." : null,
          results: [name],
        });
      setImmediate(() => (name === stopIn ? controller.abort() : end(exitCode)));
      return {
        ended,
        stop: () => {
          stops.push(name);
          end(75);
        },
      };
    },
  });
  return { ends, stops, outcomes: ends.map(({ outcome }) => outcome), code: exitCodeOfQueue(ends) };
}

test("runs go one after the other, and all done is 0", async () => {
  const { ends, outcomes, code } = await queue([run("a"), run("b")]);
  assert.deepEqual(outcomes, ["done", "done"]);
  assert.deepEqual(
    ends.map(({ results }) => results),
    [["a"], ["b"]],
  );
  assert.equal(code, 0);
});

test("a failed run does not stop the rest, and its exit code is that of all", async () => {
  const { outcomes, code } = await queue([run("a", 2), run("b", 3), run("c")]);
  assert.deepEqual(outcomes, ["failed", "failed", "done"]);
  assert.equal(code, 2);
});

test("with fail-fast it stops those behind it", async () => {
  const { outcomes, code } = await queue([run("a"), run("b", 5), run("c")], { isFailFast: true });
  assert.deepEqual(outcomes, ["done", "failed", "left"]);
  assert.equal(code, 5);
});

test("a stop is handed on to the run in hand, starts no other, and ends with 75", async () => {
  const { outcomes, stops, code } = await queue([run("a"), run("b"), run("c")], { stopIn: "b" });
  assert.deepEqual(outcomes, ["done", "stopped", "left"]);
  assert.deepEqual(stops, ["b"]);
  assert.equal(code, 75);
});

test("a run that was asked to stop by others stops all: who asked means this machine", async () => {
  const { outcomes, code } = await queue([run("a", 75), run("b")]);
  assert.deepEqual(outcomes, ["stopped", "left"]);
  assert.equal(code, 75);
});

test("a run that the system killed has failed, with 1", async () => {
  const { ends, code } = await queue([run("a", null)]);
  assert.deepEqual([ends[0]?.outcome, ends[0]?.reason, code], ["failed", "killed by SIGKILL", 1]);
});

test("the summary has a line for each run, why one failed, and a count", async () => {
  const { ends } = await queue([run("first"), run("b", 2), run("c")], { isFailFast: true });
  const lines = summaryLines(ends, {
    best: ({ name }) => (name === "first" ? "val_step_loss 0.5" : null),
    duration: (seconds) => `${seconds} s`,
  });
  assert.deepEqual(lines, [
    "",
    "run    outcome      time  best               folder",
    "first  done         0 s   val_step_loss 0.5  runs/first",
    "b      failed       0 s   -                  runs/b",
    "c      not started  -     -                  runs/c",
    "",
    "b: CONFIG_PART: lacks a part: muon",
    "",
    "3 runs: 1 done, 1 failed, 1 not started; the same command goes on with those that are not done",
  ]);
});
