import assert from "node:assert/strict";
import { test } from "node:test";
import { runName } from "./run-name.ts";

for (const [varied, name] of [
  [[], "base"],
  [[["optimizers.lr", "0.001"]], "base_sweep_lr_0p001"],
  [[["optimizers.lr", "1e-05"]], "base_sweep_lr_1e-05"],
  [[["optimizers.lr", "1.5e-05"]], "base_sweep_lr_1p5e-05"],
  [[["a", "-0.5"]], "base_sweep_a_-0p5"],
  [[["models.meta_arch.mae", "v1.2"]], "base_sweep_mae_v1.2"],
  [
    [
      ["a.x", "1"],
      ["b.y", "True"],
    ],
    "base_sweep_x_1_sweep_y_True",
  ],
  [
    [
      ["a.x", "1"],
      ["b.x", "2"],
    ],
    "base_sweep_a_x_1_sweep_b_x_2",
  ],
  [[["a", "[1, 2]"]], "base_sweep_a_1-2"],
  [[["a", "[-1, 3]"]], "base_sweep_a_-1-3"],
  [[["a", "data/../x y"]], "base_sweep_a_data-..-x-y"],
] as const) {
  test(`${JSON.stringify(varied)} is named ${name}`, () => {
    const paths = varied.map(([key, value]) => ({ path: key.split("."), value }));
    assert.equal(runName("base", paths), name);
  });
}

test("a long name is cut, and stays another than its neighbour's", () => {
  const name = (value: string) =>
    runName("base", [{ path: ["a"], value: "x".repeat(200) + value }]);
  assert.equal(name("1").length, 128);
  assert.notEqual(name("1"), name("2"));
});
