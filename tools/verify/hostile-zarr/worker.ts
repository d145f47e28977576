// Runs in a process of its own, since it is to be hurt: node worker.ts FOLDER SEED COUNT

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createArray,
  openArray,
  readLabelNames,
  readMultiscales,
  setThreads,
  type ZarrArray,
  ZarrError,
} from "@cell-observatory/zarr";
import fc from "fast-check";
import { documents, plain } from "./documents.ts";

/** What became of one document. */
export interface Report {
  readonly what: string;
  readonly bytes: number;
  /** The code of our error, when it was refused. */
  readonly refusal: string | null;
  readonly fault: string | null;
  readonly isLast: boolean;
}

const [root = "", seed = "0", count = "0"] = process.argv.slice(2);
setThreads(2); // a machine of many cores has many decoders

await warmUp(join(root, "warm"));
const drawn = fc.sample(documents, { numRuns: Number(count), seed: Number(seed) });
const cases = [
  ...drawn.map(({ what, name, text }, index) => ({
    what,
    folder: `drawn-${index}`,
    make: (folder: string) => writeFileSync(join(folder, name), text),
  })),
  ...Object.entries(nodes()).map(([what, make]) => ({ what, folder: what, make })),
];
for (const { folder, make } of cases) {
  mkdirSync(join(root, folder));
  make(join(root, folder));
}
writeFileSync(join(root, "begin"), ""); // what is opened from here on is looked at
for (const [index, { what, folder }] of cases.entries()) {
  await report(what, join(root, folder), index + 1 === cases.length);
}

/** Folders whose metadata are no ordinary files. */
function nodes(): Readonly<Record<string, (folder: string) => void>> {
  return {
    "a link to itself": (folder) => symlinkSync("zarr.json", join(folder, "zarr.json")),
    "links in a circle": (folder) => {
      symlinkSync("b", join(folder, "zarr.json"));
      symlinkSync("zarr.json", join(folder, "b"));
    },
    "a folder for a document": (folder) => mkdirSync(join(folder, "zarr.json")),
    "a pipe for a document": (folder) => execFileSync("mkfifo", [join(folder, "zarr.json")]),
    "zeros without end": (folder) => symlinkSync("/dev/zero", join(folder, "zarr.json")),
    "lists in lists": (folder) =>
      writeFileSync(join(folder, "zarr.json"), `{"shape":${"[".repeat(4e6)}`),
    "lists of nothing": (folder) =>
      writeFileSync(join(folder, "zarr.json"), `{"shape":[${"[],".repeat(2e6)}[]]}`),
    "a long shape": (folder) =>
      writeFileSync(join(folder, "zarr.json"), `{"shape":[${"1,".repeat(3e6)}1]}`),
    "many attributes": (folder) =>
      writeFileSync(join(folder, "zarr.json"), manyAttributes(240_000)),
    "a long attribute": (folder) => writeFileSync(join(folder, "zarr.json"), longAttribute(8e6)),
    "a document of 200 MB": (folder) => {
      writeFileSync(join(folder, "zarr.json"), "{");
      truncateSync(join(folder, "zarr.json"), 200e6);
    },
  };
}

function manyAttributes(count: number): string {
  const attributes = Object.fromEntries(Array.from({ length: count }, (_, k) => [`key ${k}`, {}]));
  return JSON.stringify({ ...plain, attributes });
}

function longAttribute(length: number): string {
  return JSON.stringify({ ...plain, attributes: { text: "é".repeat(length / 2) } });
}

async function report(what: string, folder: string, isLast = false): Promise<void> {
  globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5"); // the peak counts from here
  const before = peakBytes();
  let [refusal, fault] = [null as string | null, null as string | null];
  try {
    await readSome(folder);
  } catch (error) {
    if (error instanceof ZarrError && error.code !== "ZARR_INTERNAL") refusal = error.code;
    else fault = error instanceof Error ? `${error.stack}` : String(error);
  }
  if (Reflect.get({}, "polluted") !== undefined) fault = "every object has another key now";
  const bytes = peakBytes() - before;
  console.log(JSON.stringify({ what, bytes, refusal, fault, isLast } satisfies Report));
}

/** The first and the last element of an array; of a group, the image that it says it is. */
async function readSome(folder: string): Promise<void> {
  const array = await openArray(folder).catch((error: unknown) => {
    if (error instanceof ZarrError && error.code === "ZARR_OPEN") return null;
    throw error;
  });
  if (array === null) return readImage(folder);
  assertSane(array);
  for (const corner of [() => 0, (size: number) => size - 1]) {
    if (array.shape.includes(0)) continue;
    await array.read({ origin: array.shape.map(corner), shape: array.shape.map(() => 1) });
  }
}

function assertSane({ shape, chunkShape }: ZarrArray): void {
  const isCount = (size: number) => Number.isSafeInteger(size) && size >= 0;
  if (![shape, chunkShape].every((sizes) => sizes.every(isCount))) {
    throw new Error(`an array of ${shape} in chunks of ${chunkShape} was opened`);
  }
}

/** Each dataset that the group names is opened; there are none. */
async function readImage(folder: string): Promise<void> {
  await readLabelNames(folder);
  const { datasets } = await readMultiscales(folder);
  for (const { path } of datasets) {
    await openArray(join(folder, path)).catch((error: unknown) => {
      if (!(error instanceof ZarrError) || error.code !== "ZARR_OPEN") throw error;
    });
  }
}

function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}

/** Loads what is loaded on first use. */
async function warmUp(folder: string): Promise<void> {
  const array = await createArray(folder, { shape: [4], chunkShape: [2], dtype: "uint16" });
  await array.write(new Uint16Array(4), { origin: [0], shape: [4] });
  await readSome(folder);
}
