import { promisify } from "node:util";
import { type Entry, open, type ZipFile } from "yauzl";
import { zipEntries } from "../import/zip-entries.ts";

const openZip = promisify<string, { lazyEntries: true; validateEntrySizes: true }, ZipFile>(open);

/** Most bytes of one unpacked file: enough for any sample, too little for a bomb. */
const maxBytes = 64 * 2 ** 20;

/** Reads some files out of a zip, by their names in it. Missing ones are not in the result. */
export async function readZip(
  path: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const zip = await openZip(path, { lazyEntries: true, validateEntrySizes: true });
  const found = new Map<string, Buffer>();
  try {
    for await (const entry of zipEntries(zip)) {
      if (names.includes(entry.fileName)) found.set(entry.fileName, await contentOf(zip, entry));
    }
  } finally {
    zip.close();
  }
  return found;
}

async function contentOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  if (entry.uncompressedSize > maxBytes) {
    throw new RangeError(
      `${entry.fileName} is ${entry.uncompressedSize} bytes; at most ${maxBytes}`,
    );
  }
  const stream = await promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip))(entry);
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
