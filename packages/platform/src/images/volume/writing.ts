import { ZarrError } from "@cell-observatory/zarr";
import { DataError } from "../errors.ts";

/**
 * Does what makes or changes something at `path`; when the file system refuses, that is said with
 * the path.
 *
 * @throws {@link DataError} DATA_WRITE, or whatever else `act` throws.
 */
export async function writing<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    const isRefused = cause instanceof ZarrError && cause.code === "ZARR_IO";
    if (!(cause instanceof Error && ("syscall" in cause || isRefused))) throw cause;
    throw new DataError("DATA_WRITE", `${path} cannot be written: ${cause.message}`, { cause });
  }
}
