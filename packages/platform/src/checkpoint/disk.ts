import { createHash } from "node:crypto";
import { mkdir, open, rename, rm, symlink } from "node:fs/promises";
import { type SafetensorsTensor, writeSafetensors } from "@cell-observatory/zarr";
import type { FileDigest } from "./manifest.ts";

export type TensorTable = ReadonlyMap<string, SafetensorsTensor>;

/**
 * How the checkpoint store writes. Each call is durable, or throws: after `writeText` the bytes are
 * on the medium, after `syncFolder` the names in the folder are.
 *
 * A test hands in a disk that fails at the nth call.
 */
export interface Disk {
  makeFolder(path: string): Promise<void>;
  writeText(path: string, text: string): Promise<FileDigest>;
  writeTensors(path: string, tensors: TensorTable): Promise<FileDigest>;
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes a symbolic link; it must not be there yet. */
  link(target: string, path: string): Promise<void>;
  /** Removes a file, or a folder and what is in it; nothing there is no error. */
  remove(path: string): Promise<void>;
}

export const localDisk: Disk = {
  async makeFolder(path) {
    await mkdir(path);
  },
  async writeText(path, text) {
    const file = await open(path, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    const bytes = Buffer.from(text);
    return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  },
  // Metadata "format: pt" lets Python's safetensors.torch open the file as well.
  writeTensors: (path, tensors) => writeSafetensors(path, tensors, { metadata: { format: "pt" } }),
  async syncFolder(path) {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  rename,
  async link(target, path) {
    await symlink(target, path);
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
};
