import { join } from "node:path";
import {
  type CreateOptions,
  createArray,
  createGroup,
  openArray,
  type SafetensorsTensor,
  writeMultiscales,
  writeSafetensors,
} from "@cell-observatory/zarr";
import fc from "fast-check";
import { type Dtype, elementBytes, layouts } from "./layouts.ts";
import { sha256 } from "./sha256.ts";

const numArrays = 60;

/** @returns the SHA-256 of each array and tensor written. */
export async function writeOurs(folder: string, seed: number): Promise<Map<string, string>> {
  const written = new Map<string, string>();
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [index, layout] of fc.sample(layouts, { numRuns: numArrays, seed }).entries()) {
    const { dtype } = layout;
    const name = `${index}-${dtype}`;
    const { bytes, shape } = await writeArray(join(folder, name), layout, seed + index);
    written.set(name, sha256(bytes));
    if (dtype === "complex128") continue; // safetensors has no such type
    tensors.set(name, { dtype, shape, bytes });
    written.set(`ours.safetensors/${name}`, sha256(bytes));
  }
  const metadata = { seed: `${seed}` };
  await writeSafetensors(join(folder, "ours.safetensors"), tensors, { metadata });
  for (const zarrFormat of [2, 3] as const) {
    const name = `v${zarrFormat}.ome.zarr`;
    for (const [level, hash] of await writePyramid(join(folder, name), zarrFormat, seed)) {
      written.set(`${name}/${level}`, hash);
    }
  }
  return written;
}

/** Writes a half of it, on which other chunks than the first begin, and returns all it then holds. */
async function writeArray(
  path: string,
  layout: CreateOptions & { dtype: Dtype },
  seed: number,
): Promise<{ bytes: Uint8Array; shape: readonly number[] }> {
  const array = await createArray(path, layout);
  const { shape } = array;
  const origin = shape.map((size) => (seed % 2 === 0 ? Math.floor(size / 2) : 0));
  const part = shape.map((size, axis) => size - (origin[axis] ?? 0));
  const bytes = elements(part, layout.dtype, seed);
  await array.write(bytes, { origin, shape: part });
  const again = await openArray(path);
  const found = new Uint8Array(bytes.length);
  await again.readInto(found, { origin, shape: part });
  if (!Buffer.from(found).equals(bytes)) throw new Error(`${path} does not hold what was written`);
  const whole = await again.read({ origin: shape.map(() => 0), shape });
  return { bytes: new Uint8Array(whole.buffer), shape };
}

/** Two levels: voxels, and each second of them. */
async function writePyramid(
  path: string,
  zarrFormat: 2 | 3,
  seed: number,
): Promise<Map<string, string>> {
  await createGroup(path, { zarrFormat });
  const written = new Map<string, string>();
  const version = zarrFormat === 2 ? "0.4" : "0.5";
  const shape = [1, 1, 8, 12, 14];
  const translation = [0, 0, 0, 0, 0];
  const datasets = [1, 2].map((step, level) => ({
    path: `${level}`,
    scale: [1, 1, step, step, step],
    translation,
  }));
  for (const { path: level, scale } of datasets) {
    const size = shape.map((length, axis) => length / (scale[axis] ?? 1));
    const bytes = elements(size, "uint16", seed);
    const chunkShape = [1, 1, 3, 5, 7];
    const options = { shape: size, chunkShape, dtype: "uint16", zarrFormat } as const;
    const array = await createArray(join(path, level), options);
    await array.write(bytes, { origin: [0, 0, 0, 0, 0], shape: size });
    written.set(level, sha256(bytes));
  }
  const space = { type: "space", unit: "micrometer" } as const;
  const axes = [
    { name: "t", type: "time", unit: "second" } as const,
    { name: "c", type: "channel" } as const,
    ...["z", "y", "x"].map((name) => ({ name, ...space })),
  ];
  await writeMultiscales(path, { version, name: "drawn", axes, datasets });
  return written;
}

/** Small numbers, whatever the type makes of their bytes; true and false for bool. */
function elements(shape: readonly number[], dtype: Dtype, seed: number): Uint8Array {
  const length = shape.reduce((total, size) => total * size, elementBytes[dtype]);
  const most = dtype === "bool" ? 1 : 0x3f;
  let state = (seed * 2 + 1) | 0;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    return (state >>> 24) & most;
  });
}
