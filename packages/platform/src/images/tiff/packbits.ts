/** Decodes PackBits (runs and copies of up to 128 bytes) into at most `maxBytes`. */
export function decodePackBits(from: Uint8Array, maxBytes: number): Uint8Array {
  const to = new Uint8Array(maxBytes);
  let [size, at] = [0, 0];
  while (at < from.length && size < maxBytes) {
    const head = ((from[at++] ?? 0) << 24) >> 24;
    if (head >= 0) {
      const copy = from.subarray(at, at + Math.min(head + 1, maxBytes - size));
      to.set(copy, size);
      size += copy.length;
      at += head + 1;
    } else if (head > -128) {
      const end = Math.min(size + 1 - head, maxBytes);
      to.fill(from[at++] ?? 0, size, end);
      size = end;
    }
  }
  return to.subarray(0, size);
}
