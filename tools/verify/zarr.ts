// Zarr arrays and safetensors files: what we write, read by zarr-python, TensorStore, ome-zarr-py and
// safetensors, and what they write, read by us, whole and in crops, with a cache and without; layouts
// and elements drawn anew.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";
import { readTheirs } from "./zarr/read-theirs.ts";
import { writeOurs } from "./zarr/write-ours.ts";

const script = join(import.meta.dirname, "../reference/zarr_cases.py");
const numArrays = 200;

export const verification: Verification = {
  name: "zarr",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-zarr-"));
    const [ours, theirs] = [join(folder, "ours"), join(folder, "theirs")];
    try {
      for (const path of [ours, theirs]) mkdirSync(path);
      const written = await writeOurs(ours, seed);
      const readings = await answer<Record<string, Record<string, string>>>([
        ...[python, script, "read", ours],
      ]);
      const expected = await answer<Record<string, string>>([
        ...[python, script, "write", theirs, `${seed}`, `${numArrays}`],
      ]);
      const found = await readTheirs(theirs, Object.keys(expected), seed);
      const verdicts = [
        ...[...written].flatMap(([name, hash]) =>
          Object.entries(readings[name] ?? { nobody: "" }).map(([reader, theirHash]) => ({
            what: `${name}, written by us, read by ${reader}`,
            isGood: theirHash === hash,
          })),
        ),
        ...Object.entries(expected).map(([name, hash]) => ({
          what: `${name}, written in Python, read by us: ${found.get(name)}`,
          isGood: hash === found.get(name),
        })),
      ];
      const failed = verdicts.filter(({ isGood }) => !isGood);
      const lines = failed.map(({ what }) => `FAIL  ${what}`);
      const passed = verdicts.length - failed.length;
      return { passed, failed: failed.length, lines: [...lines, `${passed} readings agree`] };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function answer<T>(words: readonly string[]): Promise<T> {
  const [program = "", ...rest] = words;
  const { code, output } = await command([program, ...rest]);
  if (code !== 0) throw new Error(`zarr_cases.py failed (exit ${code}):\n${output}`);
  return JSON.parse(output.slice(output.lastIndexOf("\n{") + 1)) as T;
}
