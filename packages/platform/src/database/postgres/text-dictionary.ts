const decoder = new TextDecoder("utf-8", { fatal: true });

interface Entry {
  readonly text: string;
  readonly bytes: DataView;
}

/**
 * Texts of a column. A row's text is compared as bytes: a string is made once for each different
 * text, not for each row.
 */
export class TextDictionary {
  /** By hash, the texts that have it. */
  readonly #byHash = new Map<number, Entry[]>();
  #latest: Entry = { text: "", bytes: new DataView(new ArrayBuffer(0)) };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The text in `bytes` from `start`; neighbours in a table mostly share theirs. */
  textOf(bytes: DataView, start: number, length: number): string {
    if (isSame(this.#latest.bytes, bytes, start, length)) return this.#latest.text;
    const hash = hashOf(bytes, start, length);
    const candidates = this.#byHash.get(hash);
    const known = candidates?.find((entry) => isSame(entry.bytes, bytes, start, length));
    this.#latest = known ?? this.#add(hash, candidates, bytes, start, length);
    return this.#latest.text;
  }

  #add(
    hash: number,
    candidates: Entry[] | undefined,
    bytes: DataView,
    start: number,
    length: number,
  ): Entry {
    const copy = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length).slice();
    const entry = { text: decoder.decode(copy), bytes: new DataView(copy.buffer) };
    if (candidates === undefined) this.#byHash.set(hash, [entry]);
    else candidates.push(entry);
    this.#size += 1;
    return entry;
  }
}

function isSame(mine: DataView, bytes: DataView, start: number, length: number): boolean {
  if (mine.byteLength !== length) return false;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    if (mine.getInt32(at) !== bytes.getInt32(start + at)) return false;
  }
  for (; at < length; at += 1) {
    if (mine.getUint8(at) !== bytes.getUint8(start + at)) return false;
  }
  return true;
}

/** FNV-1a, on words of four bytes where there are four. */
function hashOf(bytes: DataView, start: number, length: number): number {
  let hash = 0x811c9dc5;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    hash = Math.imul(hash ^ bytes.getInt32(start + at), 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; at < length; at += 1) {
    hash = Math.imul(hash ^ bytes.getUint8(start + at), 0x01000193);
  }
  return hash;
}
