// What the project needs of a machine, one check each. Plain JavaScript for Node 20 and without
// packages: set-up runs it before anything is installed, and `cello doctor` prints the same.

import { execFile } from "node:child_process";
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { python, repository } from "./places.mjs";

const run = promisify(execFile);

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {"pass" | "warn" | "fail"} status
 * @property {string} found what the machine has
 * @property {string} [fix] what to do about it; present unless the check passed
 */

/** What set-up cannot do without. @returns {Promise<Check[]>} */
export async function toolChecks() {
  return Promise.all([
    tool({
      name: "Node.js",
      command: [process.execPath, "--version"],
      least: "20.0",
      why: "runs set-up; everything after it runs on the Node 24 that npm installs",
      fix: "install Node.js 20 or newer, for example with nvm, or from your distribution",
    }),
    tool({
      name: "npm",
      command: ["npm", "--version"],
      least: "9.0",
      why: "installs the JavaScript packages",
      fix: "npm comes with Node.js; reinstall Node.js, or run: corepack enable npm",
    }),
    tool({
      name: "Python",
      command: [python(), "--version"],
      least: "3.11",
      why: "its pip brings libtorch, which is inside the PyPI package torch",
      fix: "install Python 3.11 or newer (Debian: apt-get install python3), or name one in CELLO_PYTHON",
    }),
    tool({
      name: "pip",
      command: [python(), "-m", "pip", "--version"],
      least: "22.0",
      why: "brings libtorch",
      fix: "Debian: apt-get install python3-pip; elsewhere: python3 -m ensurepip",
    }),
    tool({
      name: "C++ compiler",
      command: [process.env.CXX ?? "g++", "-dumpfullversion"],
      least: "12.0",
      why: "compiles the engine, which is C++20",
      fix: "Debian: apt-get install g++; or name a C++20 compiler in CXX",
    }),
    tool({
      name: "CMake",
      command: ["cmake", "--version"],
      least: "3.18",
      why: "builds the engine",
      fix: "Debian: apt-get install cmake; or: python3 -m pip install cmake",
    }),
    tool({
      name: "make",
      command: ["make", "--version"],
      least: "3.0",
      why: "builds the engine under CMake",
      fix: "Debian: apt-get install make",
    }),
    tool({
      name: "Cargo",
      command: ["cargo", "--version"],
      least: "1.91",
      why: "compiles the Zarr reader, which is Rust",
      fix: "install Rust from rustup.rs, or: rustup update stable",
    }),
    platform(),
    disk(),
    memory(),
  ]);
}

/** The tools, and what set-up made of them; `cello doctor` asks. @public @returns {Promise<Check[]>} */
export async function checks() {
  return [...(await toolChecks()), built("engine"), built("zarr"), await gpu()];
}

/**
 * @param {{ name: string, command: string[], least: string, why: string, fix: string }} wanted
 * @returns {Promise<Check>}
 */
async function tool({ name, command: [program = "", ...args], least, why, fix }) {
  /** @type {string} */
  let printed;
  try {
    const { stdout, stderr } = await run(program, args, { timeout: 60_000 });
    printed = stdout || stderr;
  } catch {
    return { name, status: "fail", found: `no ${program} that answers; it ${why}`, fix };
  }
  const version = /\d+(\.\d+)+/.exec(printed)?.[0] ?? printed.trim();
  return atLeast(version, least)
    ? { name, status: "pass", found: version }
    : { name, status: "fail", found: `${version}, and it takes ${least} or newer; it ${why}`, fix };
}

/** Compares dotted versions by number. @param {string} version @param {string} least */
export function atLeast(version, least) {
  const [have, want] = [version, least].map((text) => text.split(".").map(Number));
  for (const [i, number] of (want ?? []).entries()) {
    const mine = have?.[i] ?? 0;
    if (mine !== number) return mine > number;
  }
  return true;
}

/** @returns {Check} */
function platform() {
  const found = `${process.platform} ${process.arch}`;
  if (process.platform === "linux") return { name: "platform", status: "pass", found };
  const fix = "use Linux (WSL 2 on Windows): the engine is built and tested there only";
  return { name: "platform", status: "fail", found, fix };
}

/** Free space: libtorch takes 1.3 GB, the builds 1 GB, packages and their downloads 1.5 GB. @returns {Check} */
function disk() {
  const { bavail, bsize } = statfsSync(repository);
  const freeGb = (bavail * bsize) / 1e9;
  const found = `${freeGb.toFixed(0)} GB free in ${repository}`;
  if (freeGb >= 5 || existsSync(join(repository, ".cello", "set-up.json"))) {
    return { name: "disk", status: "pass", found };
  }
  const fix = "free at least 5 GB on that disk, or clone to another one";
  return { name: "disk", status: "fail", found, fix };
}

/** @returns {Check} */
function memory() {
  const gb = totalmem() / 1e9;
  const found = `${gb.toFixed(0)} GB`;
  if (gb >= 7) return { name: "memory", status: "pass", found };
  return {
    name: "memory",
    status: "warn",
    found,
    fix: "compiling takes about 4 GB; close what you can",
  };
}

/** @param {"engine" | "zarr"} addon @returns {Check} */
function built(addon) {
  const name = `${addon} addon`;
  const fix = "npm run setup";
  const file = join(repository, ".cello", "build", addon, `${addon}.node`);
  if (!existsSync(file)) return { name, status: "fail", found: `not built (${file})`, fix };
  const stamps = join(repository, ".cello", "set-up.json");
  if (existsSync(stamps) && JSON.parse(readFileSync(stamps, "utf8"))[addon] === undefined) {
    return { name, status: "warn", found: "built, but its build was not finished by set-up", fix };
  }
  return { name, status: "pass", found: file };
}

/** A GPU is welcome and not needed. @returns {Promise<Check>} */
async function gpu() {
  try {
    const query = ["--query-gpu=name,memory.total", "--format=csv,noheader"];
    const { stdout } = await run("nvidia-smi", query, { timeout: 20_000 });
    return { name: "GPU", status: "pass", found: stdout.trim().split("\n").join("; ") };
  } catch {
    const fix = "none needed on a CPU; for a GPU install NVIDIA's driver, then: npm run setup";
    return { name: "GPU", status: "warn", found: "no NVIDIA GPU: runs use the CPU", fix };
  }
}
