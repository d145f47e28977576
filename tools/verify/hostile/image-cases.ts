import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { pngBytes } from "../../../packages/platform/src/images/import/png.fixture.ts";
import { zipBytes } from "../../../packages/platform/src/images/import/zip.fixture.ts";
import { npyBytes } from "../../../packages/platform/test/support/npy-bytes.ts";
import type { Dice } from "../hydra/dice.ts";

/** A file that a mutation starts from, and what it is called. */
export interface ImageSeed {
  readonly name: string;
  readonly bytes: Buffer;
}

const fixtures = join(import.meta.dirname, "../../../packages/platform/src/images/tiff/fixtures");

/** Small valid files of every format that is imported. */
export function imageSeeds(only: string): readonly ImageSeed[] {
  const pixels = Uint16Array.from({ length: 48 }, (_, i) => 1000 * i);
  const npy = (descr: string, isFortran: boolean) =>
    npyBytes({ shape: [3, 4, 5], descr, isFortran }, (i) => i);
  const seeds = [
    ...readdirSync(fixtures)
      .filter((name) => name.endsWith(".tif"))
      .map((name) => ({ name, bytes: readFileSync(join(fixtures, name)) })),
    { name: "a.npy", bytes: npy("<u2", false) },
    { name: "b.npy", bytes: npy(">i8", true) },
    { name: "c.npy", bytes: npy(">f4", false) },
    { name: "a.npz", bytes: zipBytes({ "arr_0.npy": npy("<u2", false) }) },
    { name: "a.png", bytes: pngBytes(pixels, { width: 8, height: 6 }) },
    { name: "b.png", bytes: pngBytes(Uint8Array.from(pixels), { width: 6, height: 8 }) },
  ];
  return seeds.filter(({ name }) => name.endsWith(only));
}

const numbers = [0, 1, 2, 7, 8, 255, 256, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const texts = [
  '<!DOCTYPE x [<!ENTITY a "&a;&a;">]>',
  "images=999999\n",
  "slices=99999999",
  'SizeT="4294967295"',
  'SizeZ="0"',
  'IFD="-1"',
  "(9223372036854775807,)",
  "'shape': (0,)",
  "'descr': '|O8'",
  "<TiffData",
];

/** A valid file with a few bytes, numbers or texts changed, cut or put in twice. */
export function mutatedImage(dice: Dice, seed: ImageSeed): Buffer {
  let bytes = Buffer.from(seed.bytes);
  for (let change = 0; change < 1 + dice.below(4); change++) {
    // Most of what can be wrong stands at the beginning, or where the last table does.
    const near = dice.chance(0.5) ? Math.min(bytes.length, 256) : bytes.length;
    const at = dice.chance(0.2)
      ? Math.max(0, bytes.length - 1 - dice.below(400))
      : dice.below(near);
    const roll = dice.next();
    if (roll < 0.35) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
    else if (roll < 0.65) putNumber(bytes, at, dice);
    else if (roll < 0.75) bytes = Buffer.from(bytes.subarray(0, at));
    else if (roll < 0.85) bytes.write(dice.of(texts), at, "latin1");
    else {
      const part = bytes.subarray(at, at + dice.below(40));
      bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    }
  }
  if (seed.name.endsWith(".png") && dice.chance(0.7)) repairChecksums(bytes);
  return bytes;
}

function putNumber(bytes: Buffer, at: number, dice: Dice): void {
  const value = dice.of(numbers);
  const place = dice.chance(0.7) ? at - (at % 2) : at;
  if (dice.chance(0.5) && place + 4 <= bytes.length) bytes.writeUInt32LE(value, place);
  else if (place + 2 <= bytes.length) bytes.writeUInt16LE(value % 65536, place);
}

/** So that what is behind the checksum is looked at, too. */
function repairChecksums(bytes: Buffer): void {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) return;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, at + 8 + length)), at + 8 + length);
    at += 12 + length;
  }
}
