// Which step was done with which inputs: `.cello/set-up.json` holds one hash for each step.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { home, repository } from "./places.mjs";

const file = join(home, "set-up.json");

/** @returns {Record<string, string>} */
export function readStamps() {
  try {
    return JSON.parse(readFileSync(file, "utf8")) ?? {};
  } catch {
    return {}; // none yet, or cut off by a crash: then every step is done again
  }
}

/** @param {string} step @param {string | undefined} stamp undefined: the step is not done */
export function writeStamp(step, stamp) {
  const { [step]: _, ...others } = readStamps();
  mkdirSync(home, { recursive: true });
  const next = `${file}.${process.pid}`;
  writeFileSync(next, JSON.stringify(stamp === undefined ? others : { ...others, [step]: stamp }));
  renameSync(next, file);
}

/**
 * One hash over files (whole folders too, by name and content) and loose words.
 *
 * @param {{ files?: string[], words?: readonly string[] }} inputs files relative to the repository
 */
export function stampOf({ files = [], words = [] }) {
  const hash = createHash("sha256");
  for (const name of files.flatMap(filesUnder).sort()) {
    hash.update(`${name}\0`).update(readFileSync(join(repository, name)));
  }
  for (const word of words) hash.update(`\0${word}`);
  return hash.digest("hex").slice(0, 16);
}

/** What cargo builds when it is run by hand; no source. */
const isBuilt = /** @param {string} name */ (name) => name === "target";

/** @param {string} name @returns {string[]} */
function filesUnder(name) {
  const path = join(repository, name);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [name];
  return readdirSync(path)
    .filter((entry) => !isBuilt(entry))
    .flatMap((entry) => filesUnder(join(name, entry)));
}
