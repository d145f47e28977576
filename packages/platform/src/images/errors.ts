import { CellError } from "../errors/index.ts";

/** What can be wrong with data, and what to do about it unless the thrower knows better. */
const hints = {
  DATA_AXES: "Name each axis once, out of T, Z, Y, X and C.",
  DATA_CHUNK:
    "Restore the file from a copy, or set datasets.loader.read_failure_policy=skip to go on without it.",
  DATA_DTYPE: "Import the image again with `cello data import FILE --dtype uint16`.",
  DATA_EMPTY: "Ask for fewer things at once, or see what there is with `cello data list`.",
  DATA_EXISTS: "Choose another folder, or remove this one first.",
  DATA_FETCH: "Try again with a network, or go on with the simulated movie alone.",
  DATA_IMPORT:
    "`cello data import --help` lists what can be imported; save the image as one of those.",
  DATA_LABELS:
    "Ask only for hypercubes with labels (datasets.databases.has_annotations=true), or write labels as whole numbers.",
  DATA_MEMORY:
    "Lower datasets.loader.num_slots, clusters.batch_size or trainer.micro_batch_size, or ask for smaller hypercubes.",
  DATA_NUMPY:
    "Save the array again with numpy.save or numpy.savez; it may not have been copied whole.",
  DATA_PLANES:
    "Say with --pattern which number is which axis, as in 't{T}_z{Z}.tif'; every plane must be there.",
  DATA_PNG: "Save the plane again as PNG or TIFF of 8 or 16 bits, not interlaced.",
  DATA_QUARANTINE: "Write it anew with `cello data check --quarantine FILE`.",
  DATA_READ:
    "Check that storage answers and that the file may be read, and run the same command again.",
  DATA_SCAN: "Run the same command again: the image is scanned from its beginning.",
  DATA_SHAPE: "Ask for a hypercube that fits into the image; `cello data list` shows the sizes.",
  DATA_SIMULATION: "Ask for a smaller movie, or allow it more memory.",
  DATA_SKIPPED:
    "Restore the files that the message names: too much cannot be read to train on the rest.",
  DATA_SPLIT: "Use smaller hypercubes, or a larger share for validation.",
  DATA_TIMEOUT: "Storage may be stalled; datasets.loader.timeout_s is how long to wait.",
  DATA_WRITE: "Check that the disk has room, and that the folder may be written.",
  TIFF_LAYOUT:
    "Save the stack as grey TIFF, OME-TIFF or ImageJ hyperstack with one size for all planes.",
  TIFF_METADATA: "Save the file again with a program that writes valid OME-XML, or without it.",
  TIFF_PIXELS: "The file is damaged or was not copied whole: copy it again.",
  TIFF_STRUCTURE: "The file is damaged or was not copied whole: copy it again.",
} as const;

export type DataErrorCode = keyof typeof hints;

/** Something is wrong with data, or with what was asked of it. */
export class DataError extends CellError {
  readonly code: DataErrorCode;
  readonly hint: string;

  constructor(
    code: DataErrorCode,
    message: string,
    { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.hint = hint ?? hints[code];
  }
}
