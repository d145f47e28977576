import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Files that are waited for at once: storage that syncs side by side is kept busy. */
const atOnce = 16;

/** Waits until a folder, with all that is below it, would survive a loss of power. */
export async function syncTree(folder: string): Promise<void> {
  const below = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = [folder, ...below.map(({ parentPath, name }) => join(parentPath, name))];
  const turns = paths.values();
  const syncInTurn = async () => {
    for (const path of turns) await syncPath(path);
  };
  await Promise.all(Array.from({ length: atOnce }, syncInTurn));
}

/** The same for one file, or for the names in a folder. */
export async function syncPath(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}
