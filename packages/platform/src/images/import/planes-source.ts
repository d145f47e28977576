import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../errors.ts";
import type { Samples } from "../tiff/samples.ts";
import type { Box, ImageSource, SourceOptions } from "./image-source.ts";
import { type NameAxis, type NamedFiles, placeFiles } from "./plane-names.ts";
import { pngSource } from "./png-source.ts";
import { tiffSource } from "./tiff-source.ts";

/** Files that stay open: a box takes the same plane of each channel in turn. */
const mostOpen = 8;
const axesInOrder = ["T", "Z", "Y", "X", "C"] as const;

/**
 * A folder with a TIFF or PNG for each plane, or a TIFF stack for each time point or channel. The
 * numbers in the names say which is which.
 *
 * @throws {@link DataError} DATA_PLANES for a gap, two files of one place, or planes that differ.
 */
export async function planesSource(
  folder: string,
  { axes = null, pattern = null }: Pick<SourceOptions, "axes" | "pattern">,
): Promise<ImageSource> {
  const names = (await readdir(folder))
    .filter((name) => /^[^.].*\.(tiff?|png)$/i.test(name))
    .sort();
  const [first] = names;
  if (first === undefined) {
    const message = `${folder}: there is no .tif, .tiff or .png in it, and it is no OME-Zarr image`;
    throw new DataError("DATA_PLANES", message, {
      hint: "Name the folder that the planes themselves are in, or a file.",
    });
  }
  const [ofFiles, ofPages] = axesOf(folder, axes);
  const open = (name: string) =>
    /\.png$/i.test(name)
      ? pngSource(join(folder, name))
      : tiffSource(join(folder, name), { axes: ofPages === null ? null : `${ofPages}YX` });
  const model = await open(first);
  const isStack = model.shape[0] * model.shape[1] > 1;
  const files = placeFiles(folder, names, {
    pattern,
    otherwise: ofFiles ?? (isStack ? "T" : "Z"),
  });
  await model[Symbol.asyncDispose]();
  return sourceOf(folder, { model, files, open, fingerprint: () => fingerprintOf(folder, names) });
}

function axesOf(folder: string, axes: string | null): readonly [NameAxis | null, string | null] {
  if (axes === null) return [null, null];
  const [, ofFiles = "", ofPages = ""] = /^([TZC]+?)([TZC]?)YX$/.exec(axes) ?? [];
  const [last = ""] = ofFiles.slice(-1);
  if (last === "T" || last === "Z" || last === "C") return [last, ofPages || null];
  const message = `${folder}: its axes can be ZYX or TYX (a plane a file), or TZYX (a stack a file); got ${axes}`;
  throw new DataError("DATA_AXES", message);
}

interface Parts {
  readonly model: ImageSource;
  readonly files: NamedFiles;
  readonly open: (name: string) => Promise<ImageSource>;
  readonly fingerprint: ImageSource["fingerprint"];
}

function sourceOf(folder: string, { model, files, open, fingerprint }: Parts): ImageSource {
  const shape = axesInOrder.map((axis, i) => {
    const inFile = model.shape[i] ?? 1;
    const byName = axis === "Y" || axis === "X" ? 1 : files.sizes[axis];
    if (inFile > 1 && byName > 1) {
      const message = `the names count ${byName} along ${axis}, and each file has ${inFile} along it too`;
      throw fault(folder, message);
    }
    return inFile * byName;
  });
  const [T = 1, Z = 1, Y = 1, X = 1, C = 1] = shape;
  const opened = new OpenFiles(model, open);
  return {
    ...model,
    path: folder,
    shape: [T, Z, Y, X, C],
    layoutFrom: "the names of the files",
    fastestFirst: "XYZT",
    wholeAxes: "YX",
    fingerprint,
    missingChunks: 0,
    read: (box, into, { signal }) =>
      readPlanes({ files, opened, inFile: model.shape, channels: C }, box, into, signal),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

interface Planes {
  readonly files: NamedFiles;
  readonly opened: OpenFiles;
  readonly inFile: ImageSource["shape"];
  readonly channels: number;
}

async function readPlanes(
  { files, opened, inFile, channels }: Planes,
  { origin, shape: [T, Z, Y, X] }: Box,
  into: Samples,
  signal: AbortSignal | undefined,
): Promise<void> {
  const channelsInFile = inFile[4];
  const type = into.constructor as new (length: number) => Samples;
  const page = new type(channelsInFile * Y * X);
  for (let t = 0; t < T; t++) {
    for (let z = 0; z < Z; z++) {
      for (let c = 0; c < channels; c += channelsInFile) {
        signal?.throwIfAborted();
        const [time, plane] = [origin[0] + t, origin[1] + z];
        const name = files.fileAt({
          T: inFile[0] > 1 ? 0 : time,
          Z: inFile[1] > 1 ? 0 : plane,
          C: channelsInFile > 1 ? 0 : c,
        });
        const file = await opened.get(name);
        const at = [inFile[0] > 1 ? time : 0, inFile[1] > 1 ? plane : 0, 0, 0] as const;
        await file.read({ origin: at, shape: [1, 1, Y, X] }, page, signal ? { signal } : {});
        for (let k = 0; k < channelsInFile; k++) {
          const put = ((t * channels + c + k) * Z + z) * Y * X;
          into.set(page.subarray(k * Y * X, (k + 1) * Y * X), put);
        }
      }
    }
  }
}

/** The files that are open now; each must be as the first one is. */
class OpenFiles implements AsyncDisposable {
  readonly #model: ImageSource;
  readonly #open: (name: string) => Promise<ImageSource>;
  readonly #files = new Map<string, ImageSource>();

  constructor(model: ImageSource, open: (name: string) => Promise<ImageSource>) {
    this.#model = model;
    this.#open = open;
  }

  async get(name: string): Promise<ImageSource> {
    const known = this.#files.get(name);
    if (known) return known;
    const [oldest] = this.#files.keys();
    if (oldest !== undefined && this.#files.size >= mostOpen) await this.#close(oldest);
    const file = await this.#open(name);
    this.#files.set(name, file);
    const { shape, sampleType, path } = this.#model;
    if (file.shape.join() !== shape.join() || file.sampleType !== sampleType) {
      const of = (one: ImageSource) => `${one.shape.join(" x ")} (T Z Y X C) ${one.sampleType}`;
      const message = `${file.path}: it is ${of(file)}; ${path} is ${of(this.#model)}`;
      throw new DataError("DATA_PLANES", message, {
        hint: "Planes of one image are alike: save this one as the others are, or move what is no plane of it elsewhere.",
      });
    }
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#files.keys()]) await this.#close(name);
  }

  async #close(name: string): Promise<void> {
    const file = this.#files.get(name);
    this.#files.delete(name);
    await file?.[Symbol.asyncDispose]();
  }
}

async function fingerprintOf(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const name of names) {
    const { size, mtimeMs } = await stat(join(folder, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function fault(path: string, why: string): DataError {
  return new DataError("DATA_PLANES", `${path}: ${why}`);
}
