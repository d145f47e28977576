import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgress } from "./progress.ts";
import { duration, progressLine } from "./progress-line.ts";

const status = {
  epoch: 1,
  numEpochs: 20,
  step: 24,
  numSteps: 240,
  loss: 0.123456,
  lr: 5e-4,
  memoryBytes: 3 * 2 ** 29,
};

function fake(isTTY: boolean) {
  const written: string[] = [];
  let nowMs = 0;
  const stream = { isTTY, columns: 200, write: (text: string) => void written.push(text) };
  const clock = { now: () => nowMs };
  const wait = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  return { written, stream, clock, wait };
}

test("the line names epoch, step, loss, rate, speed, data wait, time left and memory", () => {
  assert.equal(
    progressLine({ ...status, samplesPerSecond: 12.345, dataWaitFraction: 0.021, etaS: 200 }),
    "epoch 2/20  step 24/240  loss 0.1235  lr 5.0e-4  12.3 samples/s  data wait 2 %  ETA 3 min 20 s  1.50 GiB",
  );
});

test("a line of a run that waits says for what: storage, or decoding", () => {
  const waitOf = (step: { dataWaitS: number; storageS: number; decodeS: number }) => {
    const { written, stream, clock, wait } = fake(false);
    const progress = createProgress({ stream, clock, intervalS: 0 });
    for (let i = 1; i <= 2; i++) {
      wait(1);
      progress.step({ ...status, step: i, samples: 1, ...step });
    }
    return /data wait .* ETA/.exec(written.join(""))?.[0];
  };
  assert.equal(
    waitOf({ dataWaitS: 0.4, storageS: 3, decodeS: 1 }),
    "data wait 40 % (75 % storage)  ETA",
  );
  assert.equal(
    waitOf({ dataWaitS: 0.4, storageS: 1, decodeS: 4 }),
    "data wait 40 % (80 % decoding)  ETA",
  );
  assert.equal(waitOf({ dataWaitS: 0.4, storageS: 0, decodeS: 0 }), "data wait 40 %  ETA");
  assert.equal(waitOf({ dataWaitS: 0.05, storageS: 1, decodeS: 4 }), "data wait 5 %  ETA");
});

test("no number makes the line longer than 120 characters; epoch, step and loss go last", () => {
  const huge = {
    epoch: 2 ** 53 - 2,
    numEpochs: 2 ** 53 - 1,
    step: 2 ** 53 - 2,
    numSteps: 2 ** 53 - 1,
    loss: -1.2345e300,
    lr: 1.5e-300,
    memoryBytes: 2 ** 60,
    samplesPerSecond: 9.99e20,
    dataWaitFraction: 1,
    etaS: 1e300,
  };
  const line = progressLine(huge);
  assert.ok(line.length <= 120, `${line.length}: ${line}`);
  assert.match(line, /^epoch \d+\/\d+ {2}step \d+\/\d+ {2}loss -1\.234e\+300/);
  const long = { ...huge, step: 1, numSteps: 10_000_000, epoch: 0, numEpochs: 100, etaS: 1e9 };
  assert.match(progressLine(long), /^epoch 1\/100 .* ETA 11574 d 1 h/);
});

for (const [seconds, text] of [
  [8.4, "8 s"],
  [200, "3 min 20 s"],
  [7500, "2 h 05 min"],
  [270000, "3 d 3 h"],
  [Number.POSITIVE_INFINITY, "?"],
] as const) {
  test(`${seconds} seconds are shown as ${text}`, () => assert.equal(duration(seconds), text));
}

test("off a terminal there is one plain line each interval, and the last state at the end", () => {
  const { written, stream, clock, wait } = fake(false);
  const progress = createProgress({ stream, clock, intervalS: 10 });
  for (let step = 1; step <= 25; step++) {
    wait(1);
    progress.step({ ...status, step, samples: 4, dataWaitS: 0.25 });
  }
  progress.close();
  assert.deepEqual(
    written.map((text) => /step (\d+)/.exec(text)?.[1]),
    ["1", "11", "21", "25"],
  );
  assert.match(written.join(""), /4\.00 samples\/s {2}data wait 25 % {2}ETA 3 min 39 s/);
  for (const text of written) assert.match(text, /^[\x20-\x7e]+\n$/);
});

test("on a terminal the line is redrawn at most ten times a second", () => {
  const { written, stream, clock, wait } = fake(true);
  const progress = createProgress({ stream, clock, intervalS: 10 });
  for (let step = 1; step <= 100; step++) {
    wait(0.01);
    progress.step({ ...status, step, samples: 4, dataWaitS: 0 });
  }
  const shown = written.join("").match(/step \d+\/240/g) ?? [];
  assert.ok(shown.length >= 9 && shown.length <= 11, `${shown.length} redraws in a second`);
  progress.close();
});

test("a terminal without room gets plain lines", () => {
  const { written, stream, clock } = fake(true);
  const progress = createProgress({ stream: { ...stream, columns: 0 }, clock, intervalS: 10 });
  progress.step({ ...status, samples: 4, dataWaitS: 0 });
  progress.close();
  assert.match(written.join(""), /^epoch 2\/20 [\x20-\x7e]+\n$/);
});

test("a line that is said stays, off a terminal too", () => {
  const { written, stream, clock } = fake(false);
  const progress = createProgress({ stream, clock, intervalS: 10 });
  progress.say("saved step 10");
  progress.close();
  assert.deepEqual(written, ["saved step 10\n"]);
});

test("the pace of a run that went on counts only the steps of this process", () => {
  const { written, stream, clock, wait } = fake(false);
  const progress = createProgress({ stream, clock, intervalS: 1, fromStep: 200 });
  wait(2);
  progress.step({ ...status, step: 201, samples: 4, dataWaitS: 0 });
  progress.close();
  assert.match(written.join(""), /2\.00 samples\/s .* ETA 1 min 18 s/);
});
