import { CellError } from "../errors/index.ts";

const codes: readonly string[] = ["DATA_READ", "DATA_WRITE", "ZARR_INTERNAL", "ZARR_IO"];

/**
 * Whether storage, or a program, failed, and not what is stored: the same may well succeed when it
 * is tried again, and nothing is known of the data.
 */
export const isStorageFailure = (error: unknown): boolean =>
  error instanceof CellError && codes.includes(error.code);
