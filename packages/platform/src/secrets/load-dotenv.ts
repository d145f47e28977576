import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expandVariables } from "./expand-variables.ts";
import { parseDotenv } from "./parse-dotenv.ts";

export interface LoadDotenvOptions {
  /** Where a `.env` may lie; what the first says stands. */
  readonly folders: readonly string[];
  /** Files that are named; they come before those of the folders. */
  readonly files?: readonly string[];
  /** Gets the variables that it does not have: the environment wins over every file. */
  readonly env: Record<string, string | undefined>;
  /** A remark for the reader. Values are never in it. */
  note(text: string): void;
}

/** What the reference platform's `.env.example` has where a value of one's own belongs. */
const placeholder = /^REPLACE_ME/;

/** Reads files, and the `.env` of each folder, into the environment. One that is not there is no error. */
export function loadDotenv({ folders, files = [], env, note }: LoadDotenvOptions): void {
  for (const path of new Set([...files, ...folders.map((folder) => join(folder, ".env"))])) {
    const text = read(path, note);
    if (text === null) continue;
    const { bindings, faults } = parseDotenv(text.replace(/^\uFEFF/, ""));
    for (const line of faults) note(`${path}:${line}: expected NAME=value; the line is left out`);
    for (const [name, value] of expandVariables(bindings, env)) {
      if (value === null || env[name] !== undefined || value.includes("\0")) continue;
      if (placeholder.test(value)) note(`${path}: ${name} is still to be filled in`);
      else env[name] = value;
    }
  }
}

function read(path: string, note: (text: string) => void): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") note(`${path} cannot be read: ${code}`);
    return null;
  }
}
