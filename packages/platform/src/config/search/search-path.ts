import { isUtf8 } from "node:buffer";
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { ConfigNotFoundError, ConfigYamlError } from "../faults/errors.ts";
import { hydraConfig, hydraOptions, isHydraGroup } from "../hydra/hydra-defaults.ts";
import { type ConfigFile, parseConfigFile } from "../yaml/yaml-file.ts";

const maxBytes = 2 ** 20;

/**
 * The folders in which configs are looked for, the first that has one wins. Files are read once.
 * A config's name is its path below a root, without `.yaml`; a group's name is its folder.
 */
export class SearchPath {
  readonly roots: readonly string[];
  /** Paths in messages are relative to it. */
  readonly #from: string;
  readonly #loaded = new Map<string, ConfigFile | null>();

  constructor(roots: readonly string[], from = process.cwd()) {
    this.roots = roots;
    this.#from = from;
  }

  /** @throws {@link ConfigNotFoundError} when a root is not a folder. */
  ensureRoots(): void {
    for (const root of this.roots) {
      if (isFolder(root)) continue;
      throw new ConfigNotFoundError(
        `expected a folder of configs at ${root}, found none`,
        "Folders are given by --config-dir, and by hydra.searchpath of the config.",
      );
    }
  }

  /** The config of that name, or null where no root has it. */
  load(name: string): ConfigFile | null {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const file = hydraConfig(name) ?? this.#read(name);
    this.#loaded.set(name, file);
    return file;
  }

  has(name: string): boolean {
    return hydraConfig(name) !== undefined || this.#find(name) !== undefined;
  }

  hasGroup(group: string): boolean {
    if (isHydraGroup(group)) return true;
    return isInside(group) && this.roots.some((root) => isFolder(join(root, group)));
  }

  /** Names of the configs directly in a group, sorted. */
  options(group: string): readonly string[] {
    const names = this.roots.flatMap((root) => entries(join(root, group)).flatMap(configName));
    return [...new Set([...names, ...hydraOptions(group)])].sort();
  }

  /** Names of the folders directly in a group, sorted; of the roots for "". */
  groups(group: string): readonly string[] {
    const found = this.roots.flatMap((root) => entries(join(root, group)));
    const names = found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return [...new Set(names)].sort();
  }

  /** The same with more roots at its end. */
  extended(roots: readonly string[]): SearchPath {
    return roots.length === 0 ? this : new SearchPath([...this.roots, ...roots], this.#from);
  }

  /** Names of all configs, with their groups; for suggestions. */
  *all(group = ""): Generator<string> {
    for (const root of this.roots) yield* below(root, group);
  }

  /** "a, b", for messages. */
  toString(): string {
    return this.roots.map((root) => this.#show(root)).join(", ");
  }

  #read(name: string): ConfigFile | null {
    const path = this.#find(name);
    return path === undefined ? null : parseConfigFile(readSmall(path), this.#show(path));
  }

  #find(name: string): string | undefined {
    if (!isInside(name)) return undefined;
    const file = name.endsWith(".yaml") ? name : `${name}.yaml`;
    return this.roots.map((root) => join(root, file)).find((path) => isFile(path));
  }

  #show(path: string): string {
    const short = relative(this.#from, path);
    return short.startsWith("..") || short === "" ? path : short;
  }
}

/** A name never leaves the root: `../x` and `/etc/x` name nothing. */
const isInside = (name: string) =>
  !name.startsWith("/") && !name.includes("\0") && name.split("/").every((part) => part !== "..");

const isFile = (path: string) => look(path)?.isFile() === true;
const isFolder = (path: string) => look(path)?.isDirectory() === true;

/** A name that no file can have is the name of none. */
function look(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENAMETOOLONG")
      return undefined;
    throw error;
  }
}

/** Looked at before it is read, so that a huge file costs nothing. */
function readSmall(path: string): string {
  const { size } = statSync(path);
  if (size <= maxBytes) return textOf(readFileSync(path), path).replace(/^\uFEFF/, "");
  throw new ConfigYamlError(
    { kind: "file", path, line: 1, column: 1 },
    `a config file of ${size} bytes, which is more than ${maxBytes}, is refused`,
  );
}

/** @throws {@link ConfigYamlError} at the first byte that is no UTF-8, as Python. */
function textOf(bytes: Buffer, path: string): string {
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return text;
  const whole = Buffer.from(text);
  const from = whole.findIndex((byte, i) => byte !== bytes[i]);
  const before = bytes.subarray(0, from).toString("utf8").split("\n");
  const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
  const message = "a byte that is no UTF-8; save the file as UTF-8";
  throw new ConfigYamlError({ kind: "file", path, line, column }, message);
}

function entries(folder: string): readonly Dirent[] {
  return isFolder(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

const configName = (entry: Dirent): readonly string[] =>
  entry.name.endsWith(".yaml") ? [entry.name.slice(0, -".yaml".length)] : [];

function* below(root: string, group: string): Generator<string> {
  for (const entry of entries(join(root, group))) {
    if (entry.isDirectory()) yield* below(root, join(group, entry.name));
    else for (const name of configName(entry)) yield join(group, name);
  }
}
