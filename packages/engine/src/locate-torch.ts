import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pinned from "../torch-version.json" with { type: "json" };
import { type EngineEnvironment, readEnvironment } from "./environment.ts";
import { EngineMissingError, TorchVersionError } from "./errors.ts";

/** A folder with `lib/` and `include/` of libtorch, and why it was chosen. */
export interface TorchFolder {
  readonly path: string;
  /** Without the build's suffix: "2.15.0" for "2.15.0+cpu". */
  readonly version: string;
  readonly source: "CELLO_TORCH" | "python" | "project";
}

/** The one version that the engine is built for and loads. Set-up reads the same file. */
export const torchVersion: string = pinned.torch;

/** Where set-up puts the pinned wheel's torch folder. */
export const projectTorch: string = fileURLToPath(
  new URL("../../../.cello/torch", import.meta.url),
);

/**
 * Finds libtorch: CELLO_TORCH, else the active Python environment's, else the project's own.
 *
 * No Python is started: only folders are looked at. A Python environment with another version is
 * passed over, since it was not asked for; a CELLO_TORCH with another version is refused.
 *
 * @throws {@link TorchVersionError} {@link EngineMissingError}
 */
export function locateTorch(environment: EngineEnvironment = readEnvironment()): TorchFolder {
  if (environment.torch !== undefined) {
    return checked({ path: environment.torch, source: "CELLO_TORCH" });
  }
  for (const path of pythonTorches(environment)) {
    if (versionOf(path) === torchVersion) {
      return { path, version: torchVersion, source: "python" };
    }
  }
  return checked({ path: projectTorch, source: "project" });
}

function checked({ path, source }: Pick<TorchFolder, "path" | "source">): TorchFolder {
  const version = versionOf(path);
  if (version === undefined) {
    throw new EngineMissingError(path, "expected a libtorch folder with lib/libtorch_cpu.so");
  }
  if (version !== torchVersion) throw new TorchVersionError(version, torchVersion, path);
  return { path, version, source };
}

/** The version of the libtorch in a folder, or undefined when there is none. */
function versionOf(path: string): string | undefined {
  if (!existsSync(join(path, "lib", "libtorch_cpu.so"))) return undefined;
  // A wheel has version.py, the libtorch archive build-version.
  for (const file of ["version.py", "build-version"].map((name) => join(path, name))) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const version = /(?:__version__ = ')?(\d+\.\d+\.\d+)/.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return "an unknown version";
}

/** The torch folders of the active environment, and of the first python3 on PATH. */
function pythonTorches({ pythonRoots, path }: EngineEnvironment): string[] {
  const python = path.map((folder) => join(folder, "python3")).find((file) => existsSync(file));
  const roots = [...pythonRoots];
  // An environment's bin/python3 is a link out of it: look on both sides of the link.
  if (python !== undefined)
    roots.push(dirname(dirname(python)), dirname(dirname(realpathSync(python))));
  return [...new Set(roots)].flatMap((root) =>
    globSync("{lib,local/lib}/python3*/{site,dist}-packages/torch", { cwd: root }).map((found) =>
      join(root, found),
    ),
  );
}
