import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { syncFolder } from "./sync-folder.ts";

/**
 * Makes a folder and those above it, so that they survive a power cut: a file that was synced is
 * lost with a folder whose name was not.
 */
export function makeFolders(path: string, sync: (folder: string) => void = syncFolder): void {
  const wanted = resolve(path);
  const topmost = resolve(mkdirSync(wanted, { recursive: true }) ?? wanted);
  for (let made = wanted; ; made = dirname(made)) {
    sync(dirname(made)); // of a folder that was there too: who made it may have been killed here
    if (made === topmost || made === dirname(made)) return;
  }
}
