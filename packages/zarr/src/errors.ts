import { CellError } from "@cell-observatory/engine/errors";

const zarrHints = {
  ZARR_OPEN: "Check the path: an array is a folder with zarr.json (v3) or .zarray (v2) in it.",
  ZARR_EXISTS: "Choose another path, or pass overwrite: true to replace the array.",
  ZARR_METADATA:
    "Compare zarr.json or .zarray with the Zarr specification, or write the array again.",
  ZARR_BOUNDS: "Compare origin and shape with the array's shape; memory must hold just the region.",
  ZARR_CHUNK: "The file is damaged. Restore it from a copy, or write the region again.",
  ZARR_MISSING_CHUNK: 'Write the chunk, or read with missingChunks: "fill" to get the fill value.',
  ZARR_DTYPE: "Use an array of numbers of the array's own type, or a Uint8Array of its bytes.",
  ZARR_IO: "Check that the disk has room, that the path may be used, and that storage answers.",
  ZARR_INTERNAL: "This is a fault of ours. Report it with the message and the array's metadata.",
  NGFF_METADATA: "Compare the group's attributes with the OME-Zarr specification, 0.4 or 0.5.",
} as const;

const safetensorsHints = {
  SAFETENSORS_HEADER: "The file is damaged or no safetensors file. Restore it from a copy.",
  SAFETENSORS_DTYPE: "Convert the tensor to a type of the engine before it is saved.",
  SAFETENSORS_IO: "Check that the disk has room and that the path may be used.",
} as const;

export type ZarrCode = keyof typeof zarrHints;
export type SafetensorsCode = keyof typeof safetensorsHints;

/** Where it went wrong: the array's folder or the file, and the inner chunk's grid indices. */
export interface ErrorPlace {
  readonly path?: string | undefined;
  readonly chunk?: readonly number[] | undefined;
  readonly cause?: unknown;
}

/** Reading or writing an array, a group or its OME metadata did not work. */
export class ZarrError extends CellError {
  readonly code: ZarrCode;
  readonly hint: string;
  readonly path: string | undefined;
  readonly chunk: readonly number[] | undefined;

  constructor(code: ZarrCode, message: string, { path, chunk, cause }: ErrorPlace = {}) {
    super(message, { cause });
    this.code = code;
    this.hint = zarrHints[code];
    this.path = path;
    this.chunk = chunk;
  }
}

/** A safetensors file cannot be read or written. */
export class SafetensorsError extends CellError {
  readonly code: SafetensorsCode;
  readonly hint: string;
  readonly path: string | undefined;

  constructor(code: SafetensorsCode, message: string, { path, cause }: ErrorPlace = {}) {
    super(message, { cause });
    this.code = code;
    this.hint = safetensorsHints[code];
    this.path = path;
  }
}

/** The native part is not there, or is of another version. */
export class ZarrAddonError extends CellError {
  readonly code = "ZARR_ADDON";
  readonly hint = "Run `npm run build:native`, then `npm run cello -- doctor` if it happens again.";
}

/** The failure that the addon threw: a JSON object in the message (native/src/failure.rs). */
export function nativeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const failure = parsedFailure(thrown.message);
  if (failure === undefined)
    return new ZarrError("ZARR_INTERNAL", thrown.message, { cause: thrown });
  const { code, message, ...place } = failure;
  if (isSafetensorsCode(code)) return new SafetensorsError(code, message, place);
  return new ZarrError(code, message, place);
}

interface NativeFailure {
  readonly code: ZarrCode | SafetensorsCode;
  readonly message: string;
  readonly path?: string;
  readonly chunk?: readonly number[];
}

function parsedFailure(text: string): NativeFailure | undefined {
  if (!text.startsWith("{")) return undefined;
  const { aborted: _, ...failure } = JSON.parse(text) as NativeFailure & { aborted: boolean };
  return failure;
}

function isSafetensorsCode(code: string): code is SafetensorsCode {
  return code in safetensorsHints;
}
