import { DataError } from "../errors.ts";
import type { FileBytes } from "../tiff/file-bytes.ts";
import type { SampleType } from "../tiff/samples.ts";

/** What the header of an .npy file says; source: numpy.lib.format, versions 1 to 3. */
export interface NpyHeader {
  /** NumPy's letter and bytes: u2, f4, i8, b1. */
  readonly kind: string;
  readonly itemBytes: number;
  readonly littleEndian: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin. */
  readonly start: number;
  /** What its numbers become: the same type where we have it, else one that they are checked for. */
  readonly sampleType: SampleType;
}

/** NumPy itself refuses longer ones of files that it does not trust. */
const maxHeaderBytes = 10_000;

const sampleTypes: Readonly<Record<string, SampleType>> = {
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  f4: "float32",
  f8: "float64",
  b1: "uint8",
  f2: "float32",
  // 64-bit whole numbers are what NumPy counts labels in; one beyond 32 bits is refused when read.
  i8: "int32",
  u8: "uint32",
};

/**
 * Reads the header of an .npy file and checks it against the size of the file.
 *
 * @throws {@link DataError} DATA_NUMPY for what is none, is cut off, or has objects or records in it.
 */
export async function readNpyHeader(bytes: FileBytes): Promise<NpyHeader> {
  const { path } = bytes;
  const head = await bytes.read(0, Math.min(12, bytes.size), "the header of an .npy");
  const magic = Buffer.from(head.buffer, 0, Math.min(6, head.byteLength)).toString("latin1");
  const version = head.byteLength === 12 ? head.getUint8(6) : 0;
  if (magic !== "\x93NUMPY" || version < 1 || version > 3) {
    throw fault(path, "it does not begin as an .npy file of version 1, 2 or 3 does");
  }
  const [headBytes, textBytes] =
    version === 1 ? [10, head.getUint16(8, true)] : [12, head.getUint32(8, true)];
  if (textBytes > maxHeaderBytes) {
    throw fault(path, `its header claims ${textBytes} bytes; ${maxHeaderBytes} at most`);
  }
  const view = await bytes.read(headBytes, textBytes, "the header of an .npy");
  const header = parseHeader(path, Buffer.from(view.buffer).toString("utf8"));
  const start = headBytes + textBytes;
  const numBytes = header.shape.reduce((product, size) => product * size, header.itemBytes);
  if (start + numBytes > bytes.size) {
    const needs = `${header.shape.join(" x ")} numbers of ${header.itemBytes} bytes need ${start + numBytes}`;
    throw fault(path, `${needs} bytes, and the file has ${bytes.size}: it was not copied whole`);
  }
  return { ...header, start };
}

/** The text is a Python dict; only what NumPy writes itself is understood, nothing is evaluated. */
function parseHeader(path: string, text: string): Omit<NpyHeader, "start"> {
  const [, order = "", kind = ""] = /'descr':\s*'([<>|=])([a-zA-Z]\d{1,3})'/.exec(text) ?? [];
  const [, fortran = ""] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, sizes] = /'shape':\s*\(([\d,\sL]*)\)/.exec(text) ?? [];
  const sampleType = Object.hasOwn(sampleTypes, kind) ? sampleTypes[kind] : undefined;
  if (sampleType === undefined) {
    const [, descr = "nothing"] = /'descr':\s*('[^']{0,40}'|\[[^\]]{0,60}\]?)/.exec(text) ?? [];
    const message = `${path}: its numbers are ${kind || descr}; expected ${Object.keys(sampleTypes).join(", ")}`;
    const hint =
      "Save it with array.astype('uint16'), or as float32; objects and records are never read.";
    throw new DataError("DATA_NUMPY", message, { hint });
  }
  if (fortran === "" || sizes === undefined) throw fault(path, "its header is not one of NumPy's");
  const shape = sizes
    .split(",")
    .map((size) => size.trim().replace(/L$/, ""))
    .filter((size) => size !== "")
    .map(Number);
  if (shape.length > 32 || shape.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    const message = `${path}: its shape is (${sizes.slice(0, 200)}); expected sizes from 1`;
    const hint = shape.includes(0)
      ? "There is no number in it: save an array that has some."
      : null;
    throw new DataError("DATA_NUMPY", message, { ...(hint && { hint }) });
  }
  return {
    kind,
    itemBytes: Number(kind.slice(1)),
    littleEndian: order !== ">",
    isFortran: fortran === "True",
    shape,
    sampleType,
  };
}

function fault(path: string, why: string): DataError {
  return new DataError("DATA_NUMPY", `${path}: ${why}`);
}
