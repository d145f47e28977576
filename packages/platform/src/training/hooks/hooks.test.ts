import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, EventRecorder } from "../../telemetry/index.ts";
import type { HookContext, StepEvent, ValidationEvent } from "../hook.ts";
import { HookList } from "../hook-list.ts";
import { noData } from "../step-data.ts";
import { bestCheckpointer } from "./best-checkpointer.ts";
import { bestMetricSaver } from "./best-metric-saver.ts";
import { earlyStop } from "./early-stop.ts";
import { iterationTimer } from "./iteration-timer.ts";
import { periodicCheckpointer } from "./periodic-checkpointer.ts";
import { periodicWriter } from "./periodic-writer.ts";

let now = 0;
const clock: Clock = { now: () => now };

function context() {
  const stops: string[] = [];
  const saves: boolean[] = [];
  const recorder = new EventRecorder({ writers: [], clock });
  const its: HookContext & {
    step: number;
    epoch: number;
    stepsPerEpoch: number;
    totalSteps: number;
  } = {
    recorder,
    step: 10,
    epoch: 0,
    stepsPerEpoch: 10,
    totalSteps: 100,
    stop: (reason) => void stops.push(reason),
    save: ({ isBest = false } = {}) => void saves.push(isBest),
  };
  return { its, stops, saves, recorder };
}

const validation = (its: HookContext & { step: number }, val_step_loss: number, epoch = 0) =>
  ({ ...its, epoch, metrics: { val_step_loss } }) as unknown as ValidationEvent;

test("early stop asks to stop once the metric has not improved for `patience` validations", () => {
  const { its, stops } = context();
  const hook = earlyStop({
    metric: "val_step_loss",
    mode: "min",
    patience: 2,
    stopping_threshold: 0.1,
  });
  const losses = [1, 0.95, 0.85, Number.NaN, 0.8];
  for (const [epoch, loss] of losses.entries()) {
    void hook.afterValidation?.(validation(its, loss, epoch));
  }
  assert.deepEqual(stops, ["val_step_loss has not improved on 0.85 in 2 validations"]);
});

test("early stop goes on counting from its saved state", () => {
  const { its, stops } = context();
  const config = {
    metric: "val_step_loss",
    mode: "max",
    patience: 2,
    stopping_threshold: 0,
  } as const;
  const [first, second] = [earlyStop(config), earlyStop(config)];
  void first.afterValidation?.(validation(its, 3));
  void first.afterValidation?.(validation(its, 2));
  second.loadState?.(JSON.parse(JSON.stringify(first.saveState?.())));
  void second.afterValidation?.(validation(its, 3));
  assert.equal(stops.length, 1);
});

test("a metric that nothing records is refused, with those that there are", () => {
  const { its } = context();
  const hook = bestMetricSaver({ val_metric: "val_dice", val_mode: "max" });
  assert.throws(() => hook.afterValidation?.(validation(its, 1)), {
    code: "CONFIG_METRIC",
    message: 'best_metric_saver watches metric "val_dice", expected one of val_step_loss',
  });
});

test("the best value is remembered and recorded; NaN and infinities never are", () => {
  const { its, recorder } = context();
  const hook = bestMetricSaver({ val_metric: "val_step_loss", val_mode: "min" });
  for (const [epoch, loss] of [2, Number.NaN, 1, Number.NEGATIVE_INFINITY, 3].entries()) {
    void hook.afterValidation?.(validation(its, loss, epoch));
    recorder.endEpoch({ epoch, step: 10 * (epoch + 1) });
  }
  assert.equal(recorder.latest("best_val_step_loss"), 1);
  const state = { metric: "val_step_loss", best: 1, epoch: 2, step: 10 };
  assert.deepEqual(hook.saveState?.(), state);
});

test("the best of one metric is not compared with the values of another", () => {
  const { its, saves, recorder } = context();
  const [loss, part] = ["val_step_loss", "val_part"].map((val_metric) => {
    const config = { val_metric, val_mode: "min" } as const;
    return { saver: bestMetricSaver(config), checkpointer: bestCheckpointer(config) };
  });
  assert.ok(loss && part);
  const event = { ...its, metrics: { val_step_loss: 1, val_part: 2 } };
  for (const hook of ["saver", "checkpointer"] as const) {
    void loss[hook].afterValidation?.(event);
    part[hook].loadState?.(loss[hook].saveState?.() as never);
    void part[hook].afterValidation?.(event);
  }
  recorder.endEpoch({ epoch: 0, step: 10 });
  assert.equal(recorder.latest("best_val_part"), 2);
  assert.deepEqual(saves, [true, true]);
});

test("a checkpoint named best is asked for at each improvement, and at nothing else", () => {
  const { its, saves } = context();
  const hook = bestCheckpointer({ val_metric: "val_step_loss", val_mode: "min" });
  for (const loss of [2, 3, 1, 1]) void hook.afterValidation?.(validation(its, loss));
  assert.deepEqual(saves, [true, true]);
});

test("what could not be saved is not the best that there is a checkpoint of", () => {
  const { its } = context();
  const hook = bestCheckpointer({ val_metric: "val_step_loss", val_mode: "min" });
  const asked: number[] = [];
  for (const loss of [2, 1, 1.5, 1.7]) {
    const save: HookContext["save"] = (request) => {
      asked.push(loss);
      if (loss === 1) request?.ifFailed?.();
    };
    void hook.afterValidation?.(validation({ ...its, save }, loss));
  }
  assert.deepEqual(asked, [2, 1, 1.5]);
});

test("saves are asked for every so many steps and epochs", () => {
  const { its, saves } = context();
  const hook = periodicCheckpointer({ every_steps: 4, every_epochs: 2 });
  for (let step = 1; step <= 10; step++) void hook.afterStep?.({ ...its, step } as StepEvent);
  assert.equal(saves.length, 2);
  for (let epoch = 0; epoch < 4; epoch++) void hook.afterEpoch?.({ ...its, epoch });
  assert.equal(saves.length, 4);
});

test("steps, waiting, throughput and what is left are timed", async () => {
  const { its, recorder } = context();
  const list = new HookList([periodicWriter(), iterationTimer(clock)]);
  now = 1000;
  await list.call("beforeEpoch", its);
  now = 1500;
  const data = { ...noData(), waitMs: 100, readMs: 700, chunks: 8, cachedChunks: 6 };
  const step = { ...its, sampleIds: ["a", "b"], data } as unknown as StepEvent;
  await list.call("afterStep", step);
  assert.equal(recorder.latest("step_time"), 0.5);
  assert.equal(recorder.latest("data_time"), 0.1);
  assert.equal(recorder.latest("data_read_time"), 0.7);
  assert.equal(recorder.latest("data_cached"), 0.75);
  assert.equal(recorder.latest("samples_per_s"), 4);
  assert.equal(recorder.latest("eta"), (0.5 * 90) / 3600);
  now = 3000;
  await list.call("afterEpoch", its);
  assert.equal(recorder.latest("epoch_time"), 2);
});

test("a run that goes on inside an epoch times its first step from its own start", async () => {
  const { its, recorder } = context();
  const list = new HookList([periodicWriter(), iterationTimer(clock)]);
  now = 1_000_000;
  await list.call("beforeTrain", its);
  now += 500;
  await list.call("afterStep", {
    ...its,
    sampleIds: ["a"],
    data: noData(),
  } as unknown as StepEvent);
  assert.equal(recorder.latest("step_time"), 0.5);
  assert.equal(recorder.latest("eta"), (0.5 * 90) / 3600);
});

test("hooks see events by priority, and in the list's order within one", async () => {
  const seen: string[] = [];
  const hook = (name: string, priority?: "high" | "low") => ({
    name,
    ...(priority && { priority }),
    afterEpoch: () => void seen.push(name),
  });
  const list = new HookList([hook("a", "low"), hook("b"), hook("c", "high"), hook("d")]);
  await list.call("afterEpoch", context().its);
  assert.deepEqual(seen, ["c", "b", "d", "a"]);
  assert.deepEqual(list.names, seen);
});

test("two hooks of one name are refused: the state of one would be lost", () => {
  const hook = { name: "early_stop" };
  assert.throws(() => new HookList([hook, hook]), { code: "CONFIG_HOOK_NAME" });
});
