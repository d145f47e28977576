import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { completeOverride } from "./complete.ts";
import { composeWritten } from "./compose.ts";
import { SearchPath } from "./search/search-path.ts";

const root = mkdtempSync(join(tmpdir(), "complete-"));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "model/head"), { recursive: true });
writeFileSync(
  join(root, "config.yaml"),
  "defaults:\n  - model: small\n  - _self_\nseed: 1\nuse: true\n",
);
writeFileSync(join(root, "model/small.yaml"), "width: 8\nrope: {theta: 10}\n");
writeFileSync(join(root, "model/large.yaml"), "width: 16\n");
writeFileSync(join(root, "model/head/linear.yaml"), "bias: true\n");

const searchPath = new SearchPath([root]);
const request = { searchPath, configName: "config", overrides: [], env: {} };
const config = composeWritten(request).written;
const complete = (word: string) =>
  completeOverride({ word, searchPath, config, knownKeys: ["model", "model.depth", "mode"] });

for (const [word, expected] of [
  ["mod", ["mode=", "model.", "model/", "model="]],
  ["model=", ["model=large", "model=small"]],
  ["model=l", ["model=large"]],
  ["model/", ["model/head="]],
  ["model/head=l", ["model/head=linear"]],
  ["model.", ["model.depth=", "model.rope.", "model.width="]],
  ["+model.w", ["+model.width="]],
  ["model.rope.", ["model.rope.theta="]],
  ["~se", ["~seed"]],
  ["use=", ["use=false", "use=true"]],
  ["seed=", ["seed=1"]],
  ["hydra/launcher=sub", ["hydra/launcher=submitit_local", "hydra/launcher=submitit_slurm"]],
  ["nothing", []],
  ["nothing=", []],
] as const) {
  test(`${word} goes on with ${expected.join(" ") || "nothing"}`, () => {
    assert.deepEqual(complete(word), expected);
  });
}

test("without a config that composes, groups and the schema's keys are still offered", () => {
  const words = completeOverride({ word: "mod", searchPath, config: null, knownKeys: ["mode"] });
  assert.deepEqual(words, ["mode=", "model/", "model="]);
});
