import { stridesOf } from "../../src/images/axes.ts";

export interface NpyOptions {
  readonly shape: readonly number[];
  /** NumPy's: "<u2", ">f4", "|u1". */
  readonly descr: string;
  readonly isFortran?: boolean;
}

/** The bytes of an .npy file as numpy.save writes it; `valueAt` is called with an index in C order. */
export function npyBytes(
  { shape, descr, isFortran = false }: NpyOptions,
  valueAt: (index: number) => number,
): Buffer {
  const order = isFortran ? "True" : "False";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const text = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(text.length, 8);
  const size = Number(descr.slice(2));
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Buffer.alloc(count * size);
  const put = writer(data, descr);
  const inC = stridesOf(shape);
  const onDisk = isFortran ? stridesOf(shape.toReversed()).toReversed() : inC;
  for (let i = 0; i < count; i++) {
    const at = shape.reduce((sum, n, axis) => {
      const place = Math.floor(i / (inC[axis] ?? 1)) % n;
      return sum + place * (onDisk[axis] ?? 1);
    }, 0);
    put(at * size, valueAt(i));
  }
  return Buffer.concat([head, Buffer.from(text), data]);
}

function writer(data: Buffer, descr: string): (at: number, value: number) => void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const little = !descr.startsWith(">");
  switch (descr.slice(1)) {
    case "u1":
      return (at, value) => view.setUint8(at, value);
    case "u2":
      return (at, value) => view.setUint16(at, value, little);
    case "i4":
      return (at, value) => view.setInt32(at, value, little);
    case "i8":
      return (at, value) => view.setBigInt64(at, BigInt(value), little);
    case "f4":
      return (at, value) => view.setFloat32(at, value, little);
    case "f8":
      return (at, value) => view.setFloat64(at, value, little);
    default:
      throw new RangeError(`no writer for ${descr}`);
  }
}
