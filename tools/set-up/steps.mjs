// What set-up does, as a table: each step says what it makes, from which inputs, after which
// others, and by which commands.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { builtFolder, readBuilt } from "../../packages/platform/bin/built-sources.mjs";
import { memoryBytes } from "./machine.mjs";
import { home, python, repository } from "./places.mjs";
import { stampOf } from "./stamps.mjs";

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title what the user reads while it runs
 * @property {boolean} [isQuick] takes a second, needs nothing of the machine but Node, and only saves time
 * @property {string} [source] where its commands download from
 * @property {string[]} after names of steps that must be done before
 * @property {() => string} stamp a hash of all inputs; the step is done while it stays the same
 * @property {() => boolean} isThere whether what the step makes exists
 * @property {() => string[][]} commands run one after the other in the repository's root
 * @property {() => Record<string, string>} [environment] added to that of the commands
 * @property {() => void} [before] @property {() => void} [finish]
 * @property {(line: string) => string | undefined} [progress] what a printed line, or the disk, says of the progress
 * @property {() => void} [clean] removes what earlier builds left; `npm run build:native` begins so
 * @property {string} [probe] a module that prints what works, or throws; `cello doctor` runs it
 */

const pins = JSON.parse(
  readFileSync(join(repository, "packages/engine/torch-version.json"), "utf8"),
);
/** The wheels that hold libtorch, each with its hash. */
const wheels = "packages/engine/libtorch-requirements.txt";
const wheelMegabytes = 553;
const site = join(home, "site");
const temporary = join(home, "tmp");

/** @type {Step} */
const packages = {
  name: "packages",
  title: "JavaScript packages (npm)",
  source: "the npm registry",
  after: [],
  stamp: () => stampOf({ words: [process.arch] }),
  isThere: () =>
    existsSync(join(repository, "node_modules", ".bin", "node")) && installedAsLocked(),
  // Not `npm ci`: it refuses a lockfile that lacks binaries of other platforms, which is what npm
  // writes wherever a registry does not have them. This keeps the lockfile, its versions and hashes.
  // Dev and optional ones are named, because a machine's own settings may leave them out.
  commands: () => [
    [
      ...["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"],
      ...["--include=dev", "--include=optional"],
    ],
  ],
};

/** @type {Step} */
const torch = {
  name: "torch",
  title: `libtorch ${pins.torch} (pip; 600 MB)`,
  source: "the Python package index",
  after: [],
  // An environment that is entered or left brings the same version: no reason to build anew.
  stamp: () => stampOf({ files: [wheels], words: [process.env.CELLO_TORCH ?? "", gpuWord()] }),
  isThere: () =>
    existsSync(join(torchFromElsewhere() ?? join(home, "torch"), "lib", "libtorch_cpu.so")),
  before: () => {
    rmSync(temporary, { recursive: true, force: true }); // what an interrupted pip unpacked
    mkdirSync(temporary, { recursive: true });
    if (torchFromElsewhere() === undefined) rmSync(site, { recursive: true, force: true });
  },
  commands: () => {
    if (torchFromElsewhere() !== undefined) return [];
    const pip = [python(), "-m", "pip", "--disable-pip-version-check", "--no-input"];
    const hashed = ["--no-deps", "--require-hashes", "--requirement", wheels];
    const into = ["--no-compile", "--target", site];
    if (gpuWord() === "cpu") return [[...pip, "install", ...into, ...hashed]];
    // What runs on a GPU is torch with all that it names, in versions that the checked wheel fixes.
    const install = [...pip, "install", ...into].map((word) => `'${word}'`).join(" ");
    return [
      [...pip, "download", "--dest", temporary, ...hashed],
      ["sh", "-c", `${install} '${temporary}'/torch-*.whl`],
    ];
  },
  environment: () => ({
    TMPDIR: temporary,
    PIP_PROGRESS_BAR: "off",
    PIP_USER: "0", // settings of a user's that forbid a folder of our own
    PIP_REQUIRE_VIRTUALENV: "0",
  }),
  progress: () => {
    const megabytes = Math.round(bytesIn(temporary) / 1e6); // pip says nothing until it is through
    return megabytes < wheelMegabytes ? `${megabytes} of ${wheelMegabytes} MB` : "unpacking";
  },
  finish: () => {
    rmSync(temporary, { recursive: true, force: true });
    if (torchFromElsewhere() !== undefined) return;
    rmSync(join(home, "torch"), { force: true });
    symlinkSync(join("site", "torch"), join(home, "torch"));
  },
};

/** @type {Step} */
const engine = {
  name: "engine",
  title: "engine addon (C++)",
  after: ["packages", "torch"],
  stamp: () =>
    stampOf({
      files: ["packages/engine/native", "packages/engine/torch-version.json"],
      words: [process.env.CXX ?? "", torch.stamp()],
    }),
  isThere: () => existsSync(join(home, "build", "engine", "engine.node")),
  // A power cut may leave an object that is cut off and looks finished to make.
  clean: () => rmSync(join(home, "build", "engine"), { recursive: true, force: true }),
  // CMake keeps to the compiler, the libtorch and the place of its first run, whatever is asked now.
  before: () => rmSync(join(home, "build", "engine", "CMakeCache.txt"), { force: true }),
  commands: () => {
    const build = join(home, "build", "engine");
    const located = torchFromElsewhere() ?? join(home, "torch");
    return [
      [
        "cmake",
        "-S",
        "packages/engine/native",
        "-B",
        build,
        `-DCELLO_TORCH=${located}`,
        "-DCMAKE_BUILD_TYPE=Release",
      ],
      ["cmake", "--build", build, "--parallel", String(buildJobs())],
    ];
  },
  progress: (line) => /^\[ *\d+%\]/.exec(line)?.[0].replace(/[[\] ]/g, ""),
  probe: `const { engineInfo } = await import("@cell-observatory/engine");
    const { torchVersion, torchPath } = engineInfo();
    console.log("loads, with libtorch " + torchVersion + " in " + torchPath);`,
};

/** @type {Step} */
const zarr = {
  name: "zarr",
  title: "Zarr addon (Rust)",
  source: "crates.io",
  after: [],
  stamp: () => stampOf({ files: ["packages/zarr/native"], words: [process.arch] }),
  isThere: () => existsSync(join(home, "build", "zarr", "zarr.node")),
  clean: () => rmSync(join(home, "build", "zarr", "zarr.node"), { force: true }), // cargo minds its own
  commands: () => [["sh", "packages/zarr/native/build.sh"]],
  progress: (line) => /^\s*Compiling (\S+ \S+)/.exec(line)?.[1],
  probe: `const { threads } = await import("@cell-observatory/zarr");
    console.log("loads, with " + threads() + " threads");`,
};

/** @type {Step} */
const program = {
  name: "program",
  title: "command (one file, so that it starts at once)",
  isQuick: true,
  after: ["packages"],
  stamp: () =>
    stampOf({
      files: ["tools/build-program.ts", "tools/program", "packages/platform/bin", "package.json"],
    }),
  isThere: () => readBuilt(repository) !== undefined,
  clean: () => rmSync(builtFolder(repository), { recursive: true, force: true }),
  commands: () => [[join(repository, "node_modules", ".bin", "node"), "tools/build-program.ts"]],
};

/** All steps. @type {readonly Step[]} */
export const steps = [packages, torch, engine, zarr, program];

/** Whether every package that the lockfile names for this machine is installed in that version. */
function installedAsLocked() {
  try {
    const [wanted, have] = ["package-lock.json", "node_modules/.package-lock.json"].map(
      (name) => JSON.parse(readFileSync(join(repository, name), "utf8")).packages,
    );
    return Object.entries(wanted).every(
      ([path, locked]) =>
        !path.startsWith("node_modules/") ||
        locked.link ||
        !isForThisMachine(locked) ||
        have[path]?.version === locked.version,
    );
  } catch {
    return false;
  }
}

/**
 * npm leaves out an optional package without a word when it does not come; but those of this machine
 * are its binaries. One that names no machine may be missing.
 *
 * @param {{ optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} locked
 */
function isForThisMachine({ optional, os, cpu, libc }) {
  if (!optional) return true;
  if (os === undefined && cpu === undefined) return false;
  return (
    (os?.includes(process.platform) ?? true) &&
    (cpu?.includes(process.arch) ?? true) &&
    (libc?.includes("glibc") ?? true)
  );
}

/** A libtorch that the user names, or the active environment's when it is the pinned version. */
function torchFromElsewhere() {
  if (process.env.CELLO_TORCH) return process.env.CELLO_TORCH;
  const { VIRTUAL_ENV: root } = process.env;
  if (!root) return undefined;
  if (!known.has(root)) known.set(root, torchOfEnvironment(root));
  return known.get(root);
}

/** Of environments that were asked: each asking starts their Python. @type {Map<string, string | undefined>} */
const known = new Map();

/** @param {string} root */
function torchOfEnvironment(root) {
  const find = "import sysconfig; print(sysconfig.get_path('purelib'))";
  const program = join(root, "bin", "python");
  try {
    const library = execFileSync(program, ["-c", find], { encoding: "utf8" }).trim();
    const version = readFileSync(join(library, "torch", "version.py"), "utf8");
    return version.includes(`'${pins.torch}`) ? join(library, "torch") : undefined;
  } catch {
    return undefined; // an environment without torch: set-up brings its own
  }
}

/** What lies below a folder; 0 while files come and go too fast to count. @param {string} folder */
function bytesIn(folder) {
  try {
    return readdirSync(folder, { recursive: true })
      .map((name) => statSync(join(folder, String(name)), { throwIfNoEntry: false }))
      .reduce((sum, stat) => sum + (stat?.isFile() ? stat.size : 0), 0);
  } catch {
    return 0;
  }
}

/** What was brought for a GPU serves a machine without one, in a folder that both share. */
function gpuWord() {
  const wanted = ["/proc/driver/nvidia/version", join(site, "nvidia", "cudnn")];
  return wanted.some((path) => existsSync(path)) ? "gpu" : "cpu";
}

/** One compiler a core, but no more than memory holds at 1.5 GB each. */
function buildJobs() {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(memoryBytes() / 1.5e9)));
}
