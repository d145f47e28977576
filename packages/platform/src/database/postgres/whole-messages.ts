/** 'D', the code of a DataRow message. */
const dataRow = 0x44;
/** A message is its code, and an int32 that counts itself and what follows. */
const headerBytes = 5;
/** No row of hypercubes is near it: what says that it is longer is no message. */
const mostMessageBytes = 2 ** 28;

/**
 * The whole messages at `at`: rows up to the first that is none, or one that is none.
 *
 * @throws Error for a length that no message has.
 */
export function runAt(
  bytes: Buffer,
  at: number,
): { readonly end: number; readonly isRows: boolean } {
  const isRows = bytes[at] === dataRow;
  let end = at;
  while (end + headerBytes <= bytes.length && (bytes[end] === dataRow) === isRows) {
    const next = end + bytesOfMessage(bytes, end);
    if (next > bytes.length) break;
    end = next;
    if (!isRows) break;
  }
  return { end, isRows };
}

/** Gathers what comes until it holds a whole message, and puts it together once. */
export class MessageGatherer {
  #pieces: Buffer[] = [];
  #numBytes = 0;
  #needed = 0;

  /** All bytes that came and are not put back; null while a message at their beginning is not whole. */
  add(chunk: Buffer): Buffer | null {
    this.#pieces.push(chunk);
    this.#numBytes += chunk.length;
    if (this.#numBytes < this.#needed) return null;
    const bytes = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces, this.#numBytes);
    this.putBack(bytes.subarray(bytes.length));
    return bytes;
  }

  /** @param rest - begins with a message that is not whole. */
  putBack(rest: Buffer): void {
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#numBytes = rest.length;
    this.#needed = rest.length < headerBytes ? headerBytes : bytesOfMessage(rest, 0);
    if (rest.length === 0) this.#needed = 0;
  }
}

function bytesOfMessage(bytes: Buffer, at: number): number {
  const length = bytes.readInt32BE(at + 1);
  if (length >= headerBytes - 1 && length <= mostMessageBytes) return 1 + length;
  throw new Error(`the server has sent a message of ${length} bytes, which cannot be`);
}
