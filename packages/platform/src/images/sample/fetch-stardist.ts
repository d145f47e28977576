import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DataError } from "../errors.ts";
import { readZip } from "./read-zip.ts";
import { type PinnedFile, stardist } from "./stardist-files.ts";

const run = promisify(execFile);

/** Where the two files of the sample lie. */
export interface StardistFiles {
  readonly image: string;
  readonly mask: string;
}

export interface FetchOptions {
  /** Folder in which downloads are kept: `.cello/downloads`. */
  readonly downloads: string;
  readonly python?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Brings the annotated stack of nuclei out of the PyPI package stardist, by pip. Does nothing when
 * the two files are there and are what they should be.
 *
 * @throws {@link DataError} DATA_FETCH when no registry answers, there is no pip, or what came is
 *   something else.
 */
export async function fetchStardist(options: FetchOptions): Promise<StardistFiles> {
  const { downloads } = options;
  const folder = join(downloads, "stardist-0.9.2");
  const files = { image: join(folder, "img3d.tif"), mask: join(folder, "mask3d.tif") };
  if ((await isThere(files.image, stardist.image)) && (await isThere(files.mask, stardist.mask))) {
    return files;
  }
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(downloads, "pip-"));
  try {
    const wheel = await download(work, options);
    const content = await readZip(wheel, [stardist.image.inWheel, stardist.mask.inWheel]);
    await put(content, stardist.image, files.image);
    await put(content, stardist.mask, files.mask);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return files;
}

async function download(work: string, options: FetchOptions): Promise<string> {
  const { python = "python3", timeoutMs = 120_000, signal } = options;
  const { platform, pythonVersion, implementation, abi } = stardist.wheelTags;
  const words = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"];
  words.push("--disable-pip-version-check", "--retries", "2", "--timeout", "20");
  words.push("--platform", platform, "--python-version", pythonVersion);
  words.push("--implementation", implementation, "--abi", abi, "--dest", work);
  try {
    const settings = { timeout: timeoutMs, ...(signal && { signal }) };
    await run(python, [...words, stardist.requirement], settings);
  } catch (cause) {
    signal?.throwIfAborted();
    const message = `${stardist.requirement} could not be fetched by ${python} -m pip: ${lastLine(cause)}`;
    throw new DataError("DATA_FETCH", message, { cause });
  }
  const [name] = (await readdir(work)).filter((file) => file.endsWith(".whl"));
  if (!name) throw new DataError("DATA_FETCH", `pip left no wheel of ${stardist.requirement}`);
  const wheel = join(work, name);
  requireSha256(await readFile(wheel), stardist.wheelSha256, name);
  return wheel;
}

/** What pip says in the end is why; the rest is its tries. */
function lastLine(error: unknown): string {
  const told = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const text = told.trim() || (error instanceof Error ? error.message : String(error));
  return text.split("\n").at(-1) ?? text;
}

async function isThere(path: string, { sha256 }: PinnedFile): Promise<boolean> {
  const content = await readFile(path).catch(() => null);
  return content !== null && sha256Of(content) === sha256;
}

async function put(
  content: ReadonlyMap<string, Buffer>,
  { inWheel, sha256 }: PinnedFile,
  path: string,
): Promise<void> {
  const bytes = content.get(inWheel);
  if (!bytes) throw new DataError("DATA_FETCH", `the wheel of stardist has no ${inWheel}`);
  requireSha256(bytes, sha256, inWheel);
  await writeFile(`${path}.partial`, bytes);
  await rename(`${path}.partial`, path);
}

function requireSha256(bytes: Buffer, expected: string, name: string): void {
  const found = sha256Of(bytes);
  if (found === expected) return;
  throw new DataError("DATA_FETCH", `${name} has sha256 ${found}; expected ${expected}`, {
    hint: "What came is not what was pinned: check the registry that pip uses.",
  });
}

const sha256Of = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
