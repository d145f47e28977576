// Whether the built program may be run: only while every file that it was made from is what it was.
// Plain JavaScript for Node 20, without packages: set-up asks too, before anything is installed.

import { createRequire } from "node:module";
import { join } from "node:path";

const { readFileSync, statSync } = createRequire(import.meta.url)("node:fs"); // an import takes 9 ms

/**
 * @typedef {object} Built what `tools/build-program.ts` leaves, in `list.json`
 * @property {string | null} id of the program's text; null: the sources do not build as they are
 * @property {(string | number)[]} sources three entries a file: its path below the repository, its
 *   size in bytes, and when it was written, in milliseconds. The program itself is one of them.
 */

/** Where the program is built to. @param {string} repository */
export const builtFolder = (repository) => join(repository, ".cello/build/cello");

/** What is built, unless a source has changed since. @param {string} repository @returns {Built | undefined} */
export function readBuilt(repository) {
  try {
    /** @type {Built} */
    const built = JSON.parse(readFileSync(join(builtFolder(repository), "list.json"), "utf8"));
    return isUnchanged(repository, built.sources) ? built : undefined;
  } catch {
    return undefined; // never built, or cut off by a crash
  }
}

/** @param {string} repository @param {Built["sources"]} sources */
function isUnchanged(repository, sources) {
  for (let i = 0; i < sources.length; i += 3) {
    const found = statSync(`${repository}/${sources[i]}`, { throwIfNoEntry: false });
    if (found?.size !== sources[i + 1] || found?.mtimeMs !== sources[i + 2]) return false;
  }
  return sources.length > 0;
}
