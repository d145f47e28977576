// Zarr arrays and safetensors files: what we write, read by zarr-python, TensorStore and safetensors,
// and what they write, read by us; layouts and elements drawn anew.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CreateOptions,
  createArray,
  openArray,
  readSafetensors,
  type SafetensorsTensor,
  writeSafetensors,
} from "@cell-observatory/zarr";
import fc from "fast-check";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";

const script = join(import.meta.dirname, "../reference/zarr_cases.py");
const numArrays = 60;

export const verification: Verification = {
  name: "zarr",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-zarr-"));
    const [ours, theirs] = [join(folder, "ours"), join(folder, "theirs")];
    try {
      for (const path of [ours, theirs]) mkdirSync(path);
      const written = await writeOurs(ours, seed);
      const readings = await answer<Record<string, Record<string, string>>>([
        python,
        script,
        "read",
        ours,
      ]);
      const expected = await answer<Record<string, string>>([
        python,
        script,
        "write",
        theirs,
        `${seed}`,
      ]);
      const found = await readTheirs(theirs);
      const verdicts = [
        ...Object.entries(readings).flatMap(([name, hashes]) =>
          Object.entries(hashes).map(([reader, hash]) => ({
            what: `${name}, written by us, read by ${reader}`,
            isGood: hash === written.get(name),
          })),
        ),
        ...Object.entries(expected).map(([name, hash]) => ({
          what: `${name}, written in Python, read by us`,
          isGood: hash === found.get(name),
        })),
      ];
      const failed = verdicts.filter(({ isGood }) => !isGood);
      const lines = failed.map(({ what }) => `FAIL  ${what}`);
      const passed = verdicts.length - failed.length;
      return { passed, failed: failed.length, lines: [...lines, `${passed} files agree`] };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function answer<T>(words: readonly [string, ...string[]]): Promise<T> {
  const { code, output } = await command(words);
  if (code !== 0) throw new Error(`zarr_cases.py failed (exit ${code}):\n${output}`);
  return JSON.parse(output.slice(output.lastIndexOf("\n{") + 1)) as T;
}

const elementBytes = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
  int64: 8,
  uint64: 8,
  complex64: 8,
} as const satisfies Partial<Record<CreateOptions["dtype"], number>>;
const dtypes = Object.keys(elementBytes) as (keyof typeof elementBytes)[];

const layouts = fc
  .record({
    axes: fc.array(
      fc.record({
        chunk: fc.integer({ min: 1, max: 9 }),
        numChunks: fc.integer({ min: 1, max: 3 }),
        size: fc.integer({ min: 1, max: 16 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    isSharded: fc.boolean(),
    zarrFormat: fc.constantFrom(2 as const, 3 as const),
    dtype: fc.constantFrom(...dtypes),
    codec: fc.constantFrom("blosc-zstd", "blosc-lz4", "zstd", "gzip", "none"),
    checksum: fc.boolean(),
  })
  .filter(({ zarrFormat, dtype }) => zarrFormat === 3 || dtype !== "bfloat16")
  .map(({ axes, isSharded, zarrFormat, checksum, ...rest }) => ({
    ...rest,
    zarrFormat,
    shape: axes.map(({ size }) => size),
    chunkShape: axes.map(({ chunk }) => chunk),
    ...(zarrFormat === 3 && { checksum }),
    ...(zarrFormat === 3 &&
      isSharded && { shardShape: axes.map(({ chunk, numChunks }) => chunk * numChunks) }),
  }));

/** @returns the SHA-256 of each array and tensor written. */
async function writeOurs(folder: string, seed: number): Promise<Map<string, string>> {
  const written = new Map<string, string>();
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [index, layout] of fc.sample(layouts, { numRuns: numArrays, seed }).entries()) {
    const { dtype, shape } = layout;
    const bytes = elements(shape, dtype, seed + index);
    const name = `${index}-${dtype}`;
    const array = await createArray(join(folder, name), layout);
    await array.write(bytes, { origin: shape.map(() => 0), shape });
    written.set(name, sha256(bytes));
    tensors.set(name, { dtype, shape, bytes });
    written.set(`ours.safetensors/${name}`, sha256(bytes));
  }
  await writeSafetensors(join(folder, "ours.safetensors"), tensors, {
    metadata: { seed: `${seed}` },
  });
  return written;
}

async function readTheirs(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith(".safetensors")) {
      const { tensors } = await readSafetensors(path);
      for (const [key, { bytes }] of tensors) found.set(`${name}/${key}`, sha256(bytes));
      continue;
    }
    const array = await openArray(path);
    const view = await array.read({ origin: array.shape.map(() => 0), shape: array.shape });
    found.set(name, sha256(new Uint8Array(view.buffer)));
  }
  return found;
}

/** Small numbers, whatever the type makes of their bytes; true and false for bool. */
function elements(
  shape: readonly number[],
  dtype: (typeof dtypes)[number],
  seed: number,
): Uint8Array {
  const length = shape.reduce((total, size) => total * size, elementBytes[dtype]);
  const most = dtype === "bool" ? 1 : 0x3f;
  let state = (seed * 2 + 1) | 0;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    return (state >>> 24) & most;
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
