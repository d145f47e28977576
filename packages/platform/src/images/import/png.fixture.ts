import { crc32, deflateSync } from "node:zlib";

/** A grey PNG of 16 or 8 bits; rows take the filters 0 to 4 in turn, as writers may choose. */
export function pngBytes(
  pixels: Uint16Array | Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Buffer {
  const bytes = pixels.BYTES_PER_ELEMENT;
  const plain = Buffer.alloc(pixels.byteLength);
  pixels.forEach((value, i) => {
    if (bytes === 2) plain.writeUInt16BE(value, 2 * i);
    else plain.writeUInt8(value, i);
  });
  const rowBytes = width * bytes;
  const rows = Buffer.alloc(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    const filter = y % 5;
    rows[y * (rowBytes + 1)] = filter;
    for (let i = 0; i < rowBytes; i++) {
      const at = (row: number, column: number) =>
        row < 0 || column < 0 ? 0 : (plain[row * rowBytes + column] ?? 0);
      const [a, b, c] = [at(y, i - bytes), at(y - 1, i), at(y - 1, i - bytes)];
      const near = [a, b, c].sort((p, q) => Math.abs(a + b - c - p) - Math.abs(a + b - c - q));
      // Of equally near ones the left, then the upper, as the standard wants.
      const best = [a, b, c].find(
        (p) => Math.abs(a + b - c - p) === Math.abs(a + b - c - (near[0] ?? 0)),
      );
      const guess = [0, a, b, (a + b) >> 1, best ?? 0][filter] ?? 0;
      rows[y * (rowBytes + 1) + 1 + i] = (at(y, i) - guess) & 255;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8 * bytes;
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
