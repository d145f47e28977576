import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writing } from "../volume/writing.ts";

/** What is noted of a scan whose rows are in a catalogue. */
export interface ScanNote {
  /** What they were computed from. */
  readonly mark: string;
  readonly numHypercubes: number;
}

/** The files of one image's scan: who is at it, what is scanned, and the note once it is done. */
export interface ScanFiles {
  readonly owner: string;
  readonly log: string;
  readonly note: string;
}

export function scanFiles(scans: string, key: string): ScanFiles {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 24);
  const file = (ending: string) => join(scans, `${name}.${ending}`);
  return { owner: file("owner"), log: file("scan"), note: file("json") };
}

/** Whether the rows of an image as it was at its last scan are in the catalogue, as far as is noted. */
export async function readNote(path: string): Promise<ScanNote | null> {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(await readFile(path, "utf8")) as ScanNote;
  } catch {
    return null; // cut off by a crash: it is written anew
  }
}

/** Notes that the rows of a scan are in the catalogue; the scan itself is removed. */
export async function writeNote({ note, log }: ScanFiles, text: ScanNote): Promise<void> {
  await writing(note, async () => {
    await writeFile(`${note}.new`, JSON.stringify(text), { flush: true });
    await rename(`${note}.new`, note);
    await rm(log, { force: true });
  });
}
