import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { builtFolder } from "../../packages/platform/bin/built-sources.mjs";
import { repository } from "../command.ts";

const copied = [
  "packages",
  "configs",
  "docs/reference/errors.md",
  "tools",
  "tsconfig.json",
  "package.json",
];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command and its sources in a folder of their own, to be edited and built. */
export class RepositoryCopy implements Disposable {
  readonly #path = mkdtempSync(join(tmpdir(), "cello-copy-"));
  readonly built = builtFolder(this.#path);

  constructor() {
    for (const name of copied) {
      const from = join(repository, name);
      cpSync(from, this.path(name), { recursive: true, filter: isNeeded });
    }
    this.#linkPackages();
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  /** Changes a file; the text must be there. */
  edit(name: string, before: string, after: string): void {
    const text = readFileSync(this.path(name), "utf8");
    if (!text.includes(before)) throw new Error(`${name} has no ${before}`);
    writeFileSync(this.path(name), text.replace(before, after));
  }

  build(): void {
    execFileSync(process.execPath, [this.path("tools/build-program.ts")], { stdio: "pipe" });
  }

  /** The built files whose names end so. */
  builtFiles(ending: string): readonly string[] {
    const names = readdirSync(this.built).filter((name) => name.endsWith(ending));
    return names.map((name) => join(this.built, name));
  }

  cello(...args: readonly string[]): Ended {
    return this.#run(args, {});
  }

  celloFromSources(...args: readonly string[]): Ended {
    return this.#run(args, { CELLO_FROM_SOURCES: "1" });
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }

  #run(args: readonly string[], more: Readonly<Record<string, string>>): Ended {
    const program = this.path("packages/platform/bin/cello.mjs");
    const env = { ...process.env, ...more };
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      env,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  /** Packages as they are installed, but for ours, which are the copies. */
  #linkPackages(): void {
    const installed = join(repository, "node_modules");
    for (const name of readdirSync(installed)) {
      if (name === "@cell-observatory" || name === "cell-observatory") continue;
      this.#link(join(installed, name), join("node_modules", name));
    }
    for (const name of ["engine", "zarr"]) {
      const own = this.path(join("packages", name));
      this.#link(own, join("node_modules/@cell-observatory", name));
    }
    // the addons; what this writes there is its own
    for (const name of readdirSync(join(repository, ".cello/build"))) {
      const addon = join(".cello/build", name);
      if (name !== "cello") this.#link(join(repository, addon), addon);
    }
    this.#link(join(repository, ".cello/torch"), ".cello/torch");
  }

  #link(to: string, name: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    symlinkSync(to, this.path(name));
  }
}

/** Neither what tests need, nor what addons are built from. */
const isNeeded = (path: string) => !/\/(?:fixtures|native|test|reference)$|\.test\.ts$/.test(path);
