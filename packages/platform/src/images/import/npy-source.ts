import { shapeAlong, stridesOf } from "../axes.ts";
import { DataError } from "../errors.ts";
import { FileBytes } from "../tiff/file-bytes.ts";
import type { Samples } from "../tiff/samples.ts";
import type { Box, ImageSource, SourceOptions } from "./image-source.ts";
import { type NpyHeader, readNpyHeader } from "./npy-header.ts";
import { npyNumbers } from "./npy-numbers.ts";
import { planPieces } from "./pieces.ts";
import { copyStrided } from "./strided-copy.ts";

/** Axes that we take an array to have when nobody says. */
const usualAxes: Readonly<Record<number, string>> = { 2: "YX", 3: "ZYX" };

/**
 * An .npy file: any byte order, C or Fortran order. It is read piece by piece, never whole.
 *
 * @param named - what to call it in errors, when the file is one that was unpacked.
 * @throws {@link DataError} DATA_NUMPY; DATA_AXES when its axes are not known.
 */
export async function npySource(
  path: string,
  { axes = null }: Pick<SourceOptions, "axes">,
  named = path,
): Promise<ImageSource> {
  const bytes = await FileBytes.open(path, "DATA_NUMPY");
  try {
    const header = await readNpyHeader(bytes);
    return sourceOf(bytes, header, { given: axes, named });
  } catch (error) {
    await bytes[Symbol.asyncDispose]();
    throw error;
  }
}

function sourceOf(
  bytes: FileBytes,
  header: NpyHeader,
  { given, named }: { readonly given: string | null; readonly named: string },
): ImageSource {
  const names = axesOf(header, given, named);
  const [T = 1, Z = 1, Y = 1, X = 1, C = 1] = shapeAlong(header.shape, names, "TZYXC");
  // A Fortran array is a C array of the axes in reverse.
  const onDisk = header.isFortran
    ? { axes: [...names].reverse().join(""), sizes: header.shape.toReversed() }
    : { axes: names, sizes: header.shape };
  return {
    path: named,
    shape: [T, Z, Y, X, C],
    sampleType: header.sampleType,
    voxelSizeUm: [null, null, null],
    frameIntervalS: null,
    channelNames: [],
    layoutFrom: given === null ? `an array of ${names.length} axes` : "--axes",
    fastestFirst: [...onDisk.axes]
      .reverse()
      .filter((axis) => axis !== "C")
      .join(""),
    wholeAxes: "",
    fingerprint: async () => `${bytes.size} ${bytes.changedMs}`,
    missingChunks: 0,
    read: (box, into, { signal }) =>
      readBox({ bytes, header, onDisk, named }, { ...box, channels: C }, into, signal),
    [Symbol.asyncDispose]: () => bytes[Symbol.asyncDispose](),
  };
}

function axesOf({ shape }: NpyHeader, given: string | null, path: string): string {
  const axes = given ?? usualAxes[shape.length];
  if (axes !== undefined && axes.length === shape.length) return axes;
  const found = `${path} is an array of ${shape.join(" x ")}`;
  const message =
    axes === undefined
      ? `${found}, and does not say which of its ${shape.length} axes is which`
      : `${found}; --axes ${axes} names ${axes.length} axes`;
  const hint = "Name them, slowest first: --axes TZYX, CZYX, ZYXC, TCZYX or TZYXC, for example.";
  throw new DataError("DATA_AXES", message, { hint });
}

interface OpenNpy {
  readonly bytes: FileBytes;
  readonly header: NpyHeader;
  /** As a C array. */
  readonly onDisk: { readonly axes: string; readonly sizes: readonly number[] };
  readonly named: string;
}

async function readBox(
  { bytes, header, onDisk, named }: OpenNpy,
  { origin, shape, channels }: Box & { readonly channels: number },
  into: Samples,
  signal: AbortSignal | undefined,
): Promise<void> {
  const at: Readonly<Record<string, number>> = {
    T: origin[0],
    Z: origin[1],
    Y: origin[2],
    X: origin[3],
    C: 0,
  };
  const [T, Z, Y, X] = shape;
  const many: Readonly<Record<string, number>> = { T, Z, Y, X, C: channels };
  const stride = stridesOf([T, channels, Z, Y, X]);
  const target = (axis: string) => stride["TCZYX".indexOf(axis)] ?? 1;
  const region = {
    origin: [...onDisk.axes].map((axis) => at[axis] ?? 0),
    shape: [...onDisk.axes].map((axis) => many[axis] ?? 1),
  };
  const pieces = planPieces(onDisk.sizes, region, header.itemBytes);
  for (const piece of pieces.all()) {
    signal?.throwIfAborted();
    const start = header.start + piece.first * header.itemBytes;
    const view = await bytes.read(start, piece.count * header.itemBytes, "the numbers");
    const numbers = npyNumbers(new Uint8Array(view.buffer), header, named);
    const offset = piece.index.reduce(
      (sum, i, axis) => sum + i * target(onDisk.axes[axis] ?? ""),
      0,
    );
    copyStrided(
      { data: numbers, offset: 0, strides: pieces.strides },
      { data: into, offset, strides: [...onDisk.axes.slice(pieces.level)].map(target) },
      pieces.shape,
    );
  }
}
