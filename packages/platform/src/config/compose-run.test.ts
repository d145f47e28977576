import assert from "node:assert/strict";
import { test } from "node:test";
import { knownKeys } from "./check/known-keys.ts";
import { composeRun, searchPathOf } from "./compose-run.ts";
import { RunConfig } from "./schema/run.ts";

const request = { overrides: [], configDirs: [], env: {} };

for (const name of searchPathOf([]).options("experiments")) {
  test(`experiments/${name} composes, passes the schema, and is named after its file`, () => {
    const { config } = composeRun({ ...request, configName: `experiments/${name}` });
    assert.equal(config.experiment_name, name);
  });
}

for (const size of searchPathOf([]).options("models/meta_arch/mae")) {
  test(`the size ${size} fits the schema`, () => {
    const overrides = [`models/meta_arch/mae=${size}`];
    composeRun({ ...request, configName: "experiments/nuclei_mae", overrides });
  });
}

test("where data and runs lie follows DATA_DIR and RUNS_DIR", () => {
  const env = { DATA_DIR: "/big/data", RUNS_DIR: "/big/runs" };
  const { config } = composeRun({ ...request, env, configName: "experiments/nuclei_mae" });
  assert.equal(config.paths.data_path, "/big/data");
  assert.equal(config.paths.outdir, "/big/runs/nuclei_mae");
  assert.equal(config.datasets.databases.catalogue_path, "/big/data/catalogue.duckdb");
});

test("every key of the schema says what it means", () => {
  const groups = new Set(
    knownKeys(RunConfig).flatMap(({ path }) =>
      path.includes(".") ? [path.replace(/\.[^.]+$/, "")] : [],
    ),
  );
  const silent = knownKeys(RunConfig).filter(
    ({ path, description }) => description === "" && !groups.has(path) && !path.endsWith(".kind"),
  );
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  );
});

const warned = (...overrides: readonly string[]) => [
  ...composeRun({ ...request, configName: "experiments/nuclei_mae", overrides }).composition
    .warnings,
];

test("what Hydra does by a key and nothing does here is said, with what does it here", () => {
  assert.deepEqual(
    warned(
      "hydra.run.dir=x",
      "hydra.job.chdir=true",
      "+hydra.job.env_set={A: 1}",
      "hydra/launcher=joblib",
    ).map((text) => text.replace(/ has no effect here; .+/, " has no effect")),
    [
      "override hydra.run.dir=x: hydra.run.dir has no effect",
      "override hydra.job.chdir=true: hydra.job.chdir has no effect",
      "override +hydra.job.env_set={A: 1}: hydra.job.env_set has no effect",
      "hydra/launcher: joblib: hydra.launcher has no effect",
    ],
  );
});

test("nothing is said of Hydra's folder where a run is told to be in it, nor of what is usual", () => {
  assert.deepEqual(warned("hydra.run.dir=x", "paths.outdir=${hydra:run.dir}"), []);
  assert.deepEqual(warned("hydra.job.chdir=false", "hydra/launcher=basic"), []);
});
