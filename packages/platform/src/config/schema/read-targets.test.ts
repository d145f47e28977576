import assert from "node:assert/strict";
import { test } from "node:test";
import { toPlain } from "../node/node.ts";
import { parseConfigFile } from "../yaml/yaml-file.ts";
import { readTargets } from "./read-targets.ts";

function read(text: string) {
  const { node } = parseConfigFile(text, "user.yaml");
  assert.ok(node?.kind === "map");
  const { config, problems } = readTargets(node);
  return { plain: toPlain(config), problems };
}

for (const [what, text, expected] of [
  [
    "a writer's class is its kind",
    "loggers: {event_writers: [{_target_: training.loggers.LocalEventWriter, save_dir: logs}]}",
    { loggers: { event_writers: [{ kind: "csv", save_dir: "logs" }] } },
  ],
  [
    "the package's name may stand before the path",
    "datasets: {databases: {_target_: cell_observatory_platform.data.databases.supabase_database.SupabaseDatabase}}",
    { datasets: { databases: { kind: "supabase" } } },
  ],
  [
    "a hook's class is its name",
    "hooks: {hooks_list: [{_target_: training.hooks.EarlyStopHook, patience: 3}]}",
    { hooks: { hooks_list: [{ name: "early_stop", patience: 3 }] } },
  ],
  [
    "an enumeration is its value",
    "a: {_target_: data.masking.mask_generator.MaskModes, value: blocked}\nb: {_target_: data.data_shapes.MULTICHANNEL_HYPERCUBE, value: TZYXC}",
    { a: "BLOCKED", b: "TZYXC" },
  ],
  [
    "BUILD and PARALLELISM of models say which model",
    "models: {BUILD: models.meta_arch.maskedautoencoder.BUILD, PARALLELISM: parallelism.mae.PARALLELIZE}",
    { models: { model: "mae", parallelism: "mae" } },
  ],
  [
    "an architecture's own BUILD adds nothing",
    "models: {meta_arch: {plainDETR: {BUILD: models.meta_arch.plainDETR.BUILD, num_classes: 2}}}",
    { models: { meta_arch: { plainDETR: { num_classes: 2 } } } },
  ],
  [
    "a trainer that is text becomes a mapping",
    "trainer: cell_observatory_platform.training.loops.EpochBasedTrainer\nloop_per_worker_script: training.loops.train_loop_per_worker",
    { trainer: { kind: "epoch_based" }, loop_per_worker_script: "train_loop_per_worker" },
  ],
  [
    "a registered name is a kind where ours is a kind",
    "datasets: {preprocessor: {name: ray}}\nhooks: {hooks_list: [{name: lr_scheduler}]}",
    {
      datasets: { preprocessor: { kind: "ray" } },
      hooks: { hooks_list: [{ name: "lr_scheduler" }] },
    },
  ],
  [
    "Ray's samplers, also where the reference platform's file has them wrong",
    "p: {a: {_target_: ray.tune.choice, _args_: [[1]]}, b: {_target_: ray.cell_observatory_platform.evaluation.grid_search, _args_: [[1]]}}",
    { p: { a: { kind: "choice", _args_: [[1]] }, b: { kind: "grid_search", _args_: [[1]] } } },
  ],
] as const) {
  test(what, () => {
    const { plain, problems } = read(text);
    assert.deepEqual(plain, expected);
    assert.deepEqual(problems, []);
  });
}

test("what cannot be mapped is listed by name, all of it, each with its place", () => {
  const { problems } = read(
    [
      "trainer: my.lab.Trainer",
      "hooks:",
      "  hooks_list:",
      "    - _target_: my.hooks.LRSchedular",
      "models:",
      "  BUILD: os.system",
    ].join("\n"),
  );
  assert.deepEqual(
    problems.map(({ key, message, source }) => [
      key,
      message,
      source?.kind === "file" && `${source.line}:${source.column}`,
    ]),
    [
      ["trainer", "my.lab.Trainer has no counterpart here", "1:10"],
      [
        "hooks.hooks_list.0._target_",
        "my.hooks.LRSchedular has no counterpart here; did you mean training.hooks.LRScheduler?",
        "4:17",
      ],
      ["models.BUILD", "os.system has no counterpart here", "6:10"],
    ],
  );
});

test("a path that is no text is a problem, and no crash", () => {
  const { problems } = read("a: {_target_: [1, 2]}\nb: {BUILD: 7}\nc: {_target_: null}");
  assert.deepEqual(
    problems.map(({ key }) => key),
    ["a._target_", "b.BUILD"],
  );
});
