import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { readSafetensors } from "@cell-observatory/zarr";
import { tensorTest } from "../support/tensor-test.ts";
import { runCase } from "./nn-cases.ts";

const folder = join(import.meta.dirname, "fixtures/nn");
const files = globSync("*.safetensors", { cwd: folder }).sort();

test("the fixtures of tools/reference/make_nn_fixtures.py are all there", () => {
  assert.equal(files.length, 52);
});

for (const file of files) {
  const stored = await readSafetensors(join(folder, file));
  tensorTest(`${basename(file, ".safetensors")} is what PyTorch makes of the same weights`, () => {
    const { failures } = runCase(stored);
    assert.deepEqual(failures, []);
  });
}
