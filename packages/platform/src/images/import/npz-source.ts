import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { type Entry, open, type ZipFile } from "yauzl";
import { DataError } from "../errors.ts";
import { writing } from "../volume/writing.ts";
import type { ImageSource, SourceOptions } from "./image-source.ts";
import { npySource } from "./npy-source.ts";
import { zipEntries } from "./zip-entries.ts";

const how = { lazyEntries: true, validateEntrySizes: true, autoClose: false } as const;
const openZip = promisify<string, typeof how, ZipFile>(open);

/** An archive of NumPy's has one file for each array; more is something else. */
const mostMembers = 10_000;

/**
 * One array of an .npz archive. It is unpacked next to the image to be, piece by piece, since what
 * is compressed can only be read from its beginning.
 *
 * @throws {@link DataError} DATA_NUMPY, also when there are several arrays and none is named.
 */
export async function npzSource(
  path: string,
  { axes = null, member = null, workFolder, signal }: SourceOptions,
): Promise<ImageSource> {
  const unpacked = join(workFolder, "member.npy");
  const name = await unpack(path, { member, unpacked, signal });
  const source = await npySource(unpacked, { axes }, `${path}, array ${name}`);
  const { size, mtimeMs } = await stat(path);
  return { ...source, path, fingerprint: async () => `${size} ${mtimeMs} ${name}` };
}

async function unpack(
  path: string,
  {
    member,
    unpacked,
    signal,
  }: {
    readonly member: string | null;
    readonly unpacked: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string> {
  const status = await stat(path).catch(() => null);
  if (!status?.isFile()) throw fault(path, "there is no such file");
  const zip = await openZip(path, how).catch((cause: unknown) => {
    throw fault(path, `it is no archive of NumPy's: ${reason(cause)}`, cause);
  });
  try {
    const entries = await entriesOf(zip).catch((cause: unknown) => {
      throw fault(path, `its list of arrays is damaged: ${reason(cause)}`, cause);
    });
    const entry = chosen(path, entries, member);
    await writing(unpacked, () => copyEntry(zip, entry, { unpacked, signal })).catch((cause) => {
      signal?.throwIfAborted();
      if (cause instanceof DataError) throw cause;
      throw fault(path, `array ${entry.fileName} cannot be unpacked: ${reason(cause)}`, cause);
    });
    return entry.fileName.replace(/\.npy$/, "");
  } finally {
    zip.close();
  }
}

/** Never more bytes than the archive says: yauzl stops where a member is longer. */
async function copyEntry(
  zip: ZipFile,
  entry: Entry,
  { unpacked, signal }: { readonly unpacked: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const stream = await promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip))(entry);
  const guard = new Transform({
    transform(chunk: Buffer, _, done) {
      const isNpy = stopped.bytes > 0 || chunk.subarray(0, 6).toString("latin1") === "\x93NUMPY";
      stopped.bytes += chunk.length;
      done(isNpy ? null : new Error("it is no .npy file"), chunk);
    },
  });
  const stopped = { bytes: 0 };
  await pipeline(stream, guard, createWriteStream(unpacked), signal ? { signal } : {});
}

function chosen(path: string, entries: readonly Entry[], member: string | null): Entry {
  const arrays = entries.filter(({ fileName }) => fileName.endsWith(".npy"));
  const names = arrays.map(({ fileName }) => fileName.replace(/\.npy$/, ""));
  const named = arrays[names.indexOf(member ?? "")];
  const [only] = arrays;
  if (member !== null && named) return named;
  if (member === null && only && arrays.length === 1) return only;
  const list = names.slice(0, 10).join(", ") || "none";
  const wanted = member === null ? "expected one array" : `there is no array ${member}`;
  throw new DataError("DATA_NUMPY", `${path}: ${wanted}, found ${list}`, {
    hint: "Name one of them with --member.",
  });
}

async function entriesOf(zip: ZipFile): Promise<Entry[]> {
  if (zip.entryCount > mostMembers) throw new Error(`${zip.entryCount} members`);
  const entries: Entry[] = [];
  for await (const entry of zipEntries(zip)) entries.push(entry);
  return entries;
}

function fault(path: string, why: string, cause?: unknown): DataError {
  return new DataError("DATA_NUMPY", `${path}: ${why}`, { cause });
}

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
