import type { Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { DataError, type DataErrorCode } from "../errors.ts";

/** A file that is read by place. What does not lie wholly inside the file is refused, not padded. */
export class FileBytes implements AsyncDisposable {
  readonly path: string;
  readonly size: number;
  /** When it was changed last, in milliseconds: another one is another file. */
  readonly changedMs: number;
  readonly #handle: FileHandle;
  readonly #code: DataErrorCode;

  private constructor(
    path: string,
    { size, mtimeMs }: Stats,
    { handle, code }: { readonly handle: FileHandle; readonly code: DataErrorCode },
  ) {
    this.path = path;
    this.size = size;
    this.changedMs = mtimeMs;
    this.#handle = handle;
    this.#code = code;
  }

  /** @throws {@link DataError} `code` when there is no such file; DATA_READ when storage fails. */
  static async open(path: string, code: DataErrorCode = "TIFF_STRUCTURE"): Promise<FileBytes> {
    try {
      // Asked before it is opened: to open a pipe is to wait for who writes to it.
      const status = await stat(path);
      if (!status.isFile()) throw new Error("it is no regular file");
      return new FileBytes(path, status, { handle: await open(path, "r"), code });
    } catch (cause) {
      const why = reason(cause);
      const hint = "Check the path, and that you may read the file.";
      const ours = isAnswer(cause) ? code : "DATA_READ";
      throw new DataError(ours, `${path} cannot be opened: ${why}`, { hint, cause });
    }
  }

  /**
   * `what` names the bytes in the error, as in "the directory of page 3".
   *
   * @throws {@link DataError} the file's code when it is too short; DATA_READ when storage fails.
   */
  async read(start: number, length: number, what: string): Promise<DataView<ArrayBuffer>> {
    this.requireInside(start, length, what);
    const bytes = new Uint8Array(length);
    let have = 0;
    while (have < length) {
      const { bytesRead } = await this.#handle
        .read(bytes, have, length - have, start + have)
        .catch((cause: unknown) => {
          const message = `${this.path}: ${what} cannot be read: ${reason(cause)}`;
          throw new DataError("DATA_READ", message, { cause });
        });
      if (bytesRead === 0) throw this.#outside(start, length, what);
      have += bytesRead;
    }
    return new DataView(bytes.buffer);
  }

  requireInside(start: number, length: number, what: string): void {
    const isNumber = Number.isSafeInteger(start) && Number.isSafeInteger(length);
    if (!isNumber || start < 0 || length < 0 || start + length > this.size) {
      throw this.#outside(start, length, what);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  #outside(start: number, length: number, what: string): DataError {
    const place = `bytes ${start} to ${start + length}`;
    const message = `${this.path}: ${what} should lie at ${place}, but the file has ${this.size} bytes`;
    return new DataError(this.#code, message);
  }
}

/** Storage answered that there is no such file; it did not fail. */
function isAnswer(cause: unknown): boolean {
  if (!(cause instanceof Error && "code" in cause)) return true;
  return cause.code === "ENOENT" || cause.code === "ENOTDIR";
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
