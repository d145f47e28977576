import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../telemetry/index.ts";
import type { StepEvent, TrainEvent } from "../hook.ts";
import { noData, type StepData } from "../step-data.ts";
import { dataAdvice, dataAdviser, type LoaderSettings } from "./data-adviser.ts";

const config: LoaderSettings = {
  read_ahead: 2,
  num_slots: 4,
  num_threads: null,
  cache_bytes: 2 ** 28,
  locality: null,
  numCores: 8,
  numThreads: 8,
};

const adviceFor = (data: Partial<StepData>, settings: Partial<LoaderSettings> = {}) =>
  dataAdvice(
    { numSteps: 10, stepMs: 1000, data: { ...noData(), ...data } },
    { ...config, ...settings },
  );

test("a run that hardly waits for its data is left in peace", () => {
  assert.equal(adviceFor({ waitMs: 99, readMs: 1e6, retries: 7 }), null);
});

test("read_ahead is not raised above what a config may have", () => {
  const data = { waitMs: 400, readMs: 2000, storageMs: 10, decodeMs: 1 };
  assert.match(adviceFor(data, { read_ahead: 254, locality: 512 }) ?? "", /storage is slower/);
});

test("the setting that is named is the one that what was measured speaks for", () => {
  const slow = { waitMs: 400, readMs: 9000, storageMs: 81000, decodeMs: 9000, chunks: 100 };
  for (const [data, settings, setting] of [
    [{ ...slow, retries: 3 }, {}, /40 % of the time: storage failed for a moment 3 times/],
    [slow, { num_threads: 2, numThreads: 2 }, /num_threads=null, for 8 threads .* in place of 2$/],
    [{ waitMs: 400, readMs: 2000 }, {}, /read_ahead=5 datasets\.loader\.num_slots=7/],
    [{ waitMs: 400, readMs: 2000 }, { read_ahead: 200 }, /read_ahead=254 .*num_slots=256/],
    [
      { waitMs: 400, readMs: 2000, collateMs: 300 },
      {},
      /: what is in the labels is looked for on the thread that runs the steps, 30 ms a step; /,
    ],
    [
      { waitMs: 400, readMs: 2000, copyMs: 300, collateMs: 10 },
      {},
      /: copies to the device hold up the steps, 30 ms each, .* page-locked; raise .*ulimit -l/,
    ],
    [slow, {}, /datasets\.loader\.locality=512/],
    [
      slow,
      { locality: 512 },
      /: storage is slower than the step \(90 % .*copy the data to a faster/,
    ],
    [
      { ...slow, storageMs: 1000, cachedChunks: 80 },
      {},
      /: decoding is slower than the step \(90 % .*import the data again/,
    ],
  ] as const) {
    assert.match(adviceFor(data, settings) ?? "", setting);
  }
});

test("advice is given once, after a number of steps, of which none waited on a validation", async () => {
  let now = 0;
  const clock: Clock = { now: () => now };
  const lines: string[] = [];
  const hook = dataAdviser({ config, clock, say: (line) => void lines.push(line) });
  const step = (waitMs: number) => {
    now += 100;
    void hook.afterStep?.({ data: { ...noData(), waitMs } } as StepEvent);
  };
  void hook.beforeTrain?.({} as TrainEvent);
  for (let i = 0; i < 49; i++) step(50);
  assert.deepEqual(lines, []);
  now += 1e6;
  void hook.afterValidation?.({} as never);
  for (let i = 0; i < 49; i++) step(50);
  assert.deepEqual(lines, []);
  step(50);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^steps wait for their data 50 % of the time: set /);
  for (let i = 0; i < 100; i++) step(50);
  assert.equal(lines.length, 1);
});
