/**
 * Decodes TIFF's LZW (codes of 9 to 12 bits, most significant bit first, early change) into at
 * most `maxBytes`. Null when a code refers to what was never written.
 *
 * Source: TIFF revision 6.0, section 13.
 */
export function decodeLzw(from: Uint8Array, maxBytes: number): Uint8Array | null {
  const to = new Uint8Array(maxBytes);
  // Every code above 257 is a run that already stands in the output: where it starts, how long.
  const starts = new Int32Array(4096);
  const lengths = new Int32Array(4096);
  let [size, next, width, bits, held, previous] = [0, 258, 9, 0, 0, -1];
  for (const byte of from) {
    held = ((held << 8) | byte) & 0xffffff;
    bits += 8;
    if (bits < width) continue;
    bits -= width;
    const code = (held >>> bits) & ((1 << width) - 1);
    if (code === 257) break;
    if (code === 256) {
      [next, width, previous] = [258, 9, -1];
      continue;
    }
    const isNew = code === next && previous >= 0;
    if (code >= next && !isNew) return null;
    const source = isNew ? previous : code;
    const start = source < 256 ? -1 : (starts[source] ?? 0);
    const length = source < 256 ? 1 : (lengths[source] ?? 0);
    const begin = size;
    for (let i = 0; i < length && size < maxBytes; i++) {
      to[size++] = start < 0 ? source : (to[start + i] ?? 0);
    }
    if (isNew && size < maxBytes) to[size++] = to[begin] ?? 0;
    if (previous >= 0 && next < 4096) {
      // What came before, and the first byte of this: it ends just after `begin`.
      const before = previous < 256 ? 1 : (lengths[previous] ?? 0);
      starts[next] = begin - before;
      lengths[next] = before + 1;
      next++;
    }
    if (next + 1 >= 1 << width && width < 12) width++;
    previous = code;
    if (size >= maxBytes) break;
  }
  return to.subarray(0, size);
}
