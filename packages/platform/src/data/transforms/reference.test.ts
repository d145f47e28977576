import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { compareTransform } from "./reference-cases.fixture.ts";

const folder = join(import.meta.dirname, "fixtures");

for (const file of globSync("*.safetensors", { cwd: folder }).sort()) {
  test(`${basename(file, ".safetensors")}: as PyTorch or NumPy has it`, async () => {
    const { worst, tolerance } = await compareTransform(join(folder, file));
    assert.ok(worst <= tolerance, `off by ${worst}, expected at most ${tolerance}`);
  });
}
