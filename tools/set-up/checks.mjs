// What the project needs of a machine, one check each. Plain JavaScript for Node 20 and without
// packages: set-up runs it before anything is installed, and `cello doctor` prints the same.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freeBytesAt, memoryBytes } from "./machine.mjs";
import { home, python, repository } from "./places.mjs";
import { readStamps } from "./stamps.mjs";
import { steps } from "./steps.mjs";

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
      why: "brings libtorch by its pip, out of the PyPI package torch",
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
      command: [...(process.env.CXX || "g++").split(" "), "-dumpfullversion"],
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
  return [...(await toolChecks()), ...(await Promise.all(steps.map(part))), await gpu()];
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
  const name = "platform";
  const found = `${process.platform} ${process.arch}`;
  if (process.platform !== "linux") {
    const fix = "use Linux (WSL 2 on Windows): the engine is built and tested there only";
    return { name, status: "fail", found, fix };
  }
  if (process.arch === "x64" || process.arch === "arm64") return { name, status: "pass", found };
  const fix = "use a machine with an x64 or arm64 processor: libtorch is published for these";
  return { name, status: "fail", found, fix };
}

/** Free space: libtorch takes 1.3 GB, the builds 1 GB, packages and their downloads 1.5 GB. @returns {Check} */
function disk() {
  const name = "disk";
  const freeGb = freeBytesAt(repository) / 1e9;
  const found = `${freeGb.toFixed(freeGb < 10 ? 1 : 0)} GB free in ${repository}`;
  const isLoaded = existsSync(join(home, "torch", "lib", "libtorch_cpu.so"));
  if (freeGb >= (isLoaded ? 1 : 5)) return { name, status: "pass", found };
  const fix = "free at least 5 GB on that disk, or clone to another one";
  return { name, status: isLoaded ? "warn" : "fail", found, fix };
}

/** @returns {Check} */
function memory() {
  const gb = memoryBytes() / 1e9;
  const found = `${gb.toFixed(0)} GB`;
  if (gb >= 7) return { name: "memory", status: "pass", found };
  return {
    name: "memory",
    status: "warn",
    found,
    fix: "compiling takes about 4 GB; close what you can",
  };
}

/**
 * One part of set-up: whether it is there, made from what is there now, and works.
 *
 * @param {import("./steps.mjs").Step} step @returns {Promise<Check>}
 */
async function part(step) {
  const [name, fix] = [step.title, "npm run setup"];
  const isThere = step.isThere();
  if (!isThere && !step.isQuick) return { name, status: "fail", found: "is not there", fix };
  if (!isThere || readStamps()[step.name] !== step.stamp()) {
    return { name, status: "warn", found: "was not finished, or its sources have changed", fix };
  }
  return step.probe === undefined
    ? { name, status: "pass", found: "is there" }
    : probe(name, step.probe);
}

/**
 * Whether an addon loads: one that is there may be for another libtorch or another C library.
 *
 * @param {string} name @param {string} code a module that prints what it found
 * @returns {Promise<Check>}
 */
async function probe(name, code) {
  const node = join(repository, "node_modules", ".bin", "node");
  const program = `try { ${code} } catch ({ message, hint }) {
    console.log(JSON.stringify({ message, hint }));
    process.exitCode = 1;
  }`;
  const cwd = join(repository, "packages", "platform");
  try {
    const { stdout } = await run(node, ["--input-type=module", "-e", program], {
      cwd,
      timeout: 60_000,
    });
    return { name, status: "pass", found: stdout.trim() };
  } catch (error) {
    const fix = "npm run build:native";
    const { stdout = "", signal = null } =
      /** @type {{ stdout?: string, signal?: string | null }} */ (error);
    if (stdout === "")
      return { name, status: "fail", found: `does not load (${signal ?? error})`, fix };
    const { message, hint = fix } = JSON.parse(stdout);
    return { name, status: "fail", found: `does not load: ${message}`, fix: hint };
  }
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
