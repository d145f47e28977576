import { closeSync, openSync, readSync } from "node:fs";

/** One whole line of a file, without its newline, and where it begins. */
export interface Line {
  readonly text: string;
  readonly number: number;
  /** Bytes before it. */
  readonly offset: number;
}

/** The whole lines of a file, from `offset` on; a last line without a newline is left out. */
export function* readLines(path: string, offset = 0): Generator<Line> {
  const file = openSync(path, "r");
  try {
    const block = Buffer.alloc(64 * 1024);
    let rest = Buffer.alloc(0);
    let start = offset;
    let number = 1;
    for (let at = offset; ; ) {
      const read = readSync(file, block, 0, block.length, at);
      if (read === 0) return;
      at += read;
      rest = Buffer.concat([rest, block.subarray(0, read)]);
      for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
        yield { text: rest.toString("utf8", 0, end), number, offset: start };
        rest = rest.subarray(end + 1);
        start += end + 1;
        number += 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
