import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "./sync-folder.ts";
import { temporaryName } from "./temporary-name.ts";

/**
 * Writes a small file so that whoever looks, even after a power cut, finds the old text or the new
 * one, and never a part.
 */
export function replaceFile(path: string, text: string): void {
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path)); // the rename itself
}
