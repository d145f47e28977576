import assert from "node:assert/strict";
import { test } from "node:test";
import { composeRun } from "../config/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { hooksOf } from "./components.ts";
import { runnable } from "./runnable-config.ts";

const run = (...overrides: readonly string[]) =>
  runnable(
    composeRun({ configName: "experiments/nuclei_mae", overrides, configDirs: [], env: {} }).config,
  );
const namesOf = (hasValidation: boolean, ...overrides: readonly string[]) =>
  hooksOf(run(...overrides), { clock: systemClock, hasValidation }).map(({ name }) => name);

const usual = [
  "anomaly_detector",
  "lr_scheduler",
  "iteration_timer",
  "periodic_writer",
  "periodic_checkpointer",
  "best_metric_saver",
  "best_checkpointer",
];

test("without a list, a run has the reference platform's hooks", () => {
  assert.deepEqual(namesOf(true), usual);
});

test("the group hooks lists the same, but for what the loader does by itself", () => {
  assert.deepEqual(namesOf(true, "+hooks=hooks"), usual);
});

test("a list says which hooks there are, in its order", () => {
  const list = "++hooks.hooks_list=[{name: periodic_writer},{name: early_stop,patience: 3}]";
  assert.deepEqual(namesOf(true, list), ["periodic_writer", "early_stop"]);
});

test("what looks at a validation is left out where nothing is held out", () => {
  const list = "++hooks.hooks_list=[{name: best_metric_saver},{name: early_stop,patience: 3}]";
  assert.deepEqual(namesOf(false, list), []);
  assert.deepEqual(namesOf(false), usual.slice(0, -2));
});

test("the best save is kept only where checkpoint.keep_best says so", () => {
  assert.deepEqual(namesOf(true, "checkpoint.keep_best=false"), usual.slice(0, -1));
});
