import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { type Disk, localDisk } from "./disk.ts";

type Entries = Map<string, Entry>;
type Entry = Folder | { readonly bytes: Uint8Array } | { readonly target: string };

/** What a folder holds now, what it held when it was last synced, and what changed since. */
interface Folder {
  readonly now: Entries;
  synced: Entries;
  changes: ((entries: Entries) => void)[];
}

/** A disk that knows what a power cut would leave. */
export interface PowerCutDisk extends Disk {
  /**
   * Writes to `target` what is there after a power cut: of each folder's names those that were synced,
   * and of the changes since as many as `pick` says, the first ones first.
   */
  afterCut(target: string, pick: (numChanges: number) => number): Promise<void>;
}

/**
 * Wraps the local disk below `root`. Files have their bytes once they are written, as a disk
 * promises; names have to be synced, folder by folder.
 *
 * @param afterCall - called after each call that changes something.
 */
export function powerCutDisk(root: string, afterCall: () => Promise<void>): PowerCutDisk {
  const top = emptyFolder();
  const folderOf = (path: string): Folder => {
    const parts = relative(root, path)
      .split("/")
      .filter((part) => part !== "");
    return parts.reduce((folder, name) => folder.now.get(name) as Folder, top);
  };
  const change = async (path: string, edit: (entries: Entries) => void) => {
    const folder = folderOf(dirname(path));
    edit(folder.now);
    folder.changes.push(edit);
    await afterCall();
  };
  const put = async (path: string, entry: Entry) =>
    await change(path, (entries) => void entries.set(basename(path), entry));
  return {
    async makeFolder(path) {
      await localDisk.makeFolder(path);
      await put(path, emptyFolder());
    },
    async writeText(path, text) {
      const digest = await localDisk.writeText(path, text);
      await put(path, { bytes: await readFile(path) });
      return digest;
    },
    async writeTensors(path, tensors) {
      const digest = await localDisk.writeTensors(path, tensors);
      await put(path, { bytes: await readFile(path) });
      return digest;
    },
    async syncFolder(path) {
      const folder = folderOf(path);
      folder.synced = new Map(folder.now);
      folder.changes = [];
      await afterCall();
    },
    async rename(from, to) {
      await localDisk.rename(from, to);
      const entry = folderOf(dirname(from)).now.get(basename(from));
      await change(to, (entries) => {
        entries.delete(basename(from));
        if (entry !== undefined) entries.set(basename(to), entry);
      });
    },
    async link(target, path) {
      await localDisk.link(target, path);
      await put(path, { target });
    },
    async remove(path) {
      await localDisk.remove(path);
      await change(path, (entries) => void entries.delete(basename(path)));
    },
    afterCut: async (target, pick) => await write(top, target, pick),
  };
}

function emptyFolder(): Folder {
  return { now: new Map(), synced: new Map(), changes: [] };
}

async function write(entry: Entry, path: string, pick: (numChanges: number) => number) {
  if ("bytes" in entry) return await writeFile(path, entry.bytes);
  if ("target" in entry) return await symlink(entry.target, path);
  await mkdir(path);
  const entries = new Map(entry.synced);
  for (const edit of entry.changes.slice(0, pick(entry.changes.length))) edit(entries);
  for (const [name, child] of entries) await write(child, join(path, name), pick);
}
