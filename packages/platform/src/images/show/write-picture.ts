import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { temporaryName } from "../../telemetry/index.ts";
import { DataError } from "../errors.ts";

/** Writes a picture whole, or not at all: a viewer that watches the file never sees half of it. */
export function writePicture(path: string, png: Buffer): void {
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    const temporary = temporaryName(path);
    writeFileSync(temporary, png);
    renameSync(temporary, path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("DATA_WRITE", `${path} cannot be written: ${why}`, { cause });
  }
}
