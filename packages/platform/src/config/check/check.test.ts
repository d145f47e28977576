import assert from "node:assert/strict";
import { test } from "node:test";
import { composeRun } from "../compose-run.ts";
import { ConfigInvalidError } from "../faults/errors.ts";
import { showSource } from "../node/source.ts";
import { RunConfig } from "../schema/run.ts";

const request = { configName: "experiments/nuclei_mae", configDirs: [], env: {} };
/** What the tests below count on, however the experiment is tuned. */
const base = [
  "clusters.batch_size=8",
  "datasets.input_shape=[16,64,64,1]",
  "datasets.patch_shape=[4,8,8]",
  "models/meta_arch/mae=tiny",
];
const run = (...overrides: readonly string[]) =>
  composeRun({ ...request, overrides: [...base, ...overrides] }).config;
const problems = (override: string) => refusals(() => run(override));

function refusals(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigInvalidError) {
      return error.problems.map(({ key, message }) => `${key} ${message}`);
    }
    throw error;
  }
  return [];
}

test("a config that passes is frozen all the way down, with the schema's defaults", () => {
  const config = run();
  const isFrozen = (value: unknown): boolean =>
    typeof value !== "object" ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  assert.ok(isFrozen(config));
  assert.equal(config.models.meta_arch.mae?.norm_layer, "RmsNorm");
});

test("a config that passes survives JSON", () => {
  assert.deepEqual(RunConfig.parse(JSON.parse(JSON.stringify(run()))), run());
});

test("all problems are reported at once, each with its place", () => {
  const overrides = ["optimizers.lr=-1", "+trainer.epoch=3", "datasets.split=abc", "~paths.outdir"];
  const act = () => run(...overrides, "inference.save_dir=x", "loggers.logdir=y");
  assert.throws(act, (error) => {
    assert.ok(error instanceof ConfigInvalidError);
    const { message } = error;
    assert.match(message, /^4 problems in experiments\/nuclei_mae\n/);
    assert.match(message, /paths\/local\.yaml:\d+:1: paths\.outdir is not given; expected text/);
    assert.match(
      message,
      /override optimizers\.lr=-1: optimizers\.lr expected a number above 0, got -1/,
    );
    assert.match(
      message,
      /override datasets\.split=abc: datasets\.split expected a number, got "abc"/,
    );
    assert.match(message, /trainer\.epoch is not a key of trainer; did you mean epochs\?/);
    return true;
  });
});

for (const [override, problem] of [
  ["seed=-1", "seed expected a number at least 0, got -1"],
  ["seed=0.5", "seed expected a whole number, got 0.5"],
  ["seed='1'", 'seed expected a number, got "1"'],
  ["clusters.batch_size=0", "clusters.batch_size expected a number at least 1, got 0"],
  [
    "clusters.batch_size=1099511627776",
    "clusters.batch_size expected a number at most 1048576, got 1099511627776",
  ],
  [
    "datasets.loader.num_threads=10000",
    "datasets.loader.num_threads expected a number at most 1024, got 10000",
  ],
  ["trainer.epochs=1e30", "trainer.epochs expected a number at most 1099511627776, got 1e+30"],
  ["optimizers.lr=nan", 'optimizers.lr expected a number, got "NaN"'],
  [
    "quantization=float33",
    'quantization expected one of "float32", "bfloat16", "float16" (did you mean float32?), got "float33"',
  ],
  [
    "dataset_layout_order=XYZ",
    'dataset_layout_order expected one of "TZYXC", "ZYXC", "TYXC", "YXC", got "XYZ"',
  ],
  [
    "models.meta_arch.mae.num_heads=5",
    "models.meta_arch.mae.num_heads must divide embed_dim, so that every head has the same width, got 5",
  ],
  [
    "trainer.epochs=null",
    "trainer.epochs one of epochs and max_steps must be given, or the run would never end, got null",
  ],
  [
    "trainer.max_steps=4",
    "schedulers.warmup must be at most trainer.max_steps, which is 4, got 50",
  ],
  [
    "schedulers={name: cosine, warmup: 30, cooldown: 80, update_type: epoch}",
    "schedulers.cooldown with schedulers.warmup, which is 30, must be at most trainer.epochs, which is 30, got 80",
  ],
  ["trainer.epochs=???", "trainer.epochs must be given"],
  [
    "datasets.patch_shape=[4,8,7]",
    "datasets.patch_shape 7 does not divide 64, the size along X, got",
  ],
  [
    "datasets.input_shape=[16,64,64]",
    "datasets.input_shape needs 4 numbers, one for each axis of ZYXC, got",
  ],
  [
    "trainer.micro_batch_size=3",
    "trainer.micro_batch_size must divide clusters.batch_size, which is 8, got 3",
  ],
  [
    "loggers.event_writers=[{kind: jsnl}]",
    'loggers.event_writers.0.kind expected one of "jsonl", "csv", "wandb" (did you mean jsonl?), got "jsnl"',
  ],
  ["+trainer.lr=1", "trainer.lr is not a key of trainer; did you mean optimizers.lr?"],
  ["datasets.loader=3", "datasets.loader expected keys and values, got 3"],
] as const) {
  test(`${override} is refused: ${problem}`, () => {
    const [found = "", ...more] = problems(override);
    assert.ok(found.startsWith(problem), found);
    const [key = ""] = found.split(" ");
    assert.ok(!more.some((other) => other.startsWith(`${key} `)), "it is told once");
  });
}

test("a batch of no samples is not said to be divided wrongly, too", () => {
  const keys = problems("clusters.batch_size=0").map((text) => text.split(" ")[0]);
  assert.deepEqual(keys, ["clusters.batch_size", "clusters.batch_size_per_gpu"]);
});

test("a wrong value that is a reference is told where it stands, and where it leads", () => {
  const found = sourcesOf("seed=${optimizers.lr}", "+foo=${optimizers.lr}");
  assert.deepEqual(
    found.map(([key, source]) => [key, source]),
    [
      ["foo", "override +foo=${optimizers.lr}"],
      ["seed", "override seed=${optimizers.lr}"],
    ],
  );
  const seed = problems("seed=${optimizers.lr}");
  assert.match(
    seed[0] ?? "",
    /seed expected a whole number, got [^ ]+ \(from .*nuclei_mae\.yaml:\d+:\d+\)$/,
  );
});

function sourcesOf(...overrides: readonly string[]): readonly (readonly [string, string])[] {
  try {
    run(...overrides);
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return error.problems
      .map(({ key, source }) => [key, source ? showSource(source) : ""] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
  return [];
}
