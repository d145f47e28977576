// The command as one file, with the code that V8 has compiled of it: loading some three hundred
// sources one by one, and compiling what they need, takes twice as long as all that is left of a
// start. V8's own cache, and Node's, hold only what is compiled before a file's first line runs;
// ours is taken when a command ends, so that it holds every function that the command needed.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { builtFolder, readBuilt } from "./built-sources.mjs";
import { placesInSources } from "./places-in-sources.mjs";

const builtIn = process.getBuiltinModule; // an import reads every export, and loads what is behind it
const { readFileSync, renameSync, writeFileSync } = builtIn("node:fs");
const { cachedDataVersionTag } = builtIn("node:v8");
const { Script } = builtIn("node:vm");
const { crc32 } = builtIn("node:zlib");

/**
 * What the program exports, or undefined where none is built from the sources as they are.
 *
 * @param {string} repository @param {string} verb names the code that V8 is given: each needs other
 * @returns {typeof import("../src/cli/run-process.ts") | undefined}
 */
export function loadBuiltProgram(repository, verb) {
  const id = readBuilt(repository)?.id;
  if (id === undefined || id === null) return undefined;
  const filename = join(builtFolder(repository), `program-${id}.cjs`);
  // what V8 compiles is good for one version of it, its flags, and the processor's abilities
  const codeFile = `${filename}.${cachedDataVersionTag().toString(16)}-${verb}.code`;
  const cachedData = readCode(codeFile);
  const text = readProgram(filename);
  if (text === undefined) return undefined;
  const script = new Script(text, { filename, ...(cachedData && { cachedData }) });
  Error.prepareStackTrace = placesInSources(filename);
  const place = (/** @type {string} */ file) => join(repository, file);
  const program = { exports: {} };
  script.runInThisContext()(
    program,
    createRequire(join(repository, "packages/platform/package.json")),
    (/** @type {string} */ name) => import(name),
    place, // import.meta.dirname
    (/** @type {string} */ file) => pathToFileURL(place(file)).href, // import.meta.url
  );
  if (cachedData === undefined || script.cachedDataRejected) {
    process.once("exit", (code) => {
      if (code === 0) writeCode(codeFile, script.createCachedData());
    });
  }
  return /** @type {typeof import("../src/cli/run-process.ts")} */ (program.exports);
}

/** Undefined where another process has just built anew, and taken this one away. @param {string} file */
function readProgram(file) {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}

const headBytes = 4;

/** V8 trusts what it is given, and would crash on code that a disk has spoilt. @param {string} file */
function readCode(file) {
  try {
    const bytes = readFileSync(file);
    const code = bytes.subarray(headBytes);
    return bytes.readUInt32LE(0) === crc32(code) ? code : undefined;
  } catch {
    return undefined; // the first start since it was built
  }
}

/** @param {string} file @param {Buffer} code */
function writeCode(file, code) {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(crc32(code));
  try {
    const whole = `${file}.${process.pid}`;
    writeFileSync(whole, Buffer.concat([head, code]));
    renameSync(whole, file);
  } catch {} // a clone of somebody else's, or a full disk: the next start takes as long as this one
}
