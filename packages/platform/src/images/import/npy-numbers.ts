import { DataError } from "../errors.ts";
import { type Samples, samplesOver } from "../tiff/samples.ts";
import type { NpyHeader } from "./npy-header.ts";

/** Numbers out of the bytes of an .npy file; the bytes may be swapped in place. */
export function npyNumbers(bytes: Uint8Array, header: NpyHeader, path: string): Samples {
  const { kind, littleEndian, sampleType } = header;
  switch (kind) {
    case "f2":
      return halves(samplesOver(bytes, "uint16", littleEndian));
    case "i8":
    case "u8":
      return inHalfTheBits(bytes, header, path);
    default:
      return samplesOver(bytes, sampleType, littleEndian);
  }
}

/** 64-bit whole numbers that fit into 32 bits. */
function inHalfTheBits(bytes: Uint8Array, { kind, littleEndian }: NpyHeader, path: string) {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / 8;
  const isSigned = kind === "i8";
  const numbers = isSigned ? new Int32Array(count) : new Uint32Array(count);
  const [low, high] = littleEndian ? [0, 4] : [4, 0];
  for (let i = 0; i < count; i++) {
    const value = words.getInt32(8 * i + low, littleEndian);
    const above = words.getInt32(8 * i + high, littleEndian);
    if (above !== (isSigned && value < 0 ? -1 : 0)) {
      const found = isSigned
        ? words.getBigInt64(8 * i, littleEndian)
        : words.getBigUint64(8 * i, littleEndian);
      const range = isSigned ? "-2147483648 to 2147483647" : "0 to 4294967295";
      throw new DataError("DATA_DTYPE", `${path} holds ${found}; we keep ${range}`, {
        hint: "Number the labels anew, as skimage's relabel_sequential does, and save them again.",
      });
    }
    numbers[i] = value;
  }
  return numbers;
}

/** IEEE 754 binary16, by its bits. */
function halves({ buffer, byteOffset, length }: Samples): Float32Array<ArrayBuffer> {
  return Float32Array.from(new Float16Array(buffer, byteOffset, length));
}
