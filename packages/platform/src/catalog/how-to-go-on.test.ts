import assert from "node:assert/strict";
import { test } from "node:test";
import { composeRun } from "../config/index.ts";
import { howToGoOn } from "./how-to-go-on.ts";

const stop = "{name: early_stop, metric_name: val_step_loss, mode: min, patience: 3}";
const config = (...overrides: readonly string[]) =>
  composeRun({
    configName: "experiments/nuclei_mae",
    overrides: [`+hooks={hooks_list:[{name: periodic_writer},${stop}]}`, ...overrides],
    configDirs: [],
    env: {},
  }).config;
const length = { totalSteps: 40, stepsPerEpoch: 10 };

for (const [what, overrides, ended, sentence] of [
  [
    "by its epochs",
    ["trainer.epochs=4"],
    { step: 40, isByHook: false },
    "To train longer, raise trainer.epochs, now 4; to start over, add --fresh.",
  ],
  [
    "by its steps",
    ["trainer.epochs=9", "trainer.max_steps=40", "schedulers.warmup=0"],
    { step: 40, isByHook: false },
    "To train longer, raise trainer.max_steps, now 40; to start over, add --fresh.",
  ],
  [
    "by early_stop",
    ["trainer.epochs=4"],
    { step: 20, isByHook: true },
    "To train longer, raise hooks.hooks_list.1.patience, now 3, or take early_stop out; to start over, add --fresh.",
  ],
  [
    "by early_stop as its epochs end too",
    ["trainer.epochs=4"],
    { step: 40, isByHook: true },
    "To train longer, raise hooks.hooks_list.1.patience, now 3, or take early_stop out, and raise trainer.epochs, now 4; to start over, add --fresh.",
  ],
] as const) {
  test(`a run that was ended ${what} is told by which key it goes on`, () => {
    assert.equal(howToGoOn(config(...overrides), length, ended), sentence);
  });
}
