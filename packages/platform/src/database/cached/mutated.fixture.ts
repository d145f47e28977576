/** Random whole numbers from 0 up to a bound, of a seed. */
export type Draw = (bound: number) => number;

/** A small generator (mulberry32): what it gives is only to be the same for the same seed. */
export function drawOf(seed: number): Draw {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** What breaks readers of CSV and JSON: quotes, ends of lines, NUL, numbers that are none or too large. */
const tokens = [
  ...[
    '"',
    '""',
    ",",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\ufeff",
    ";",
    "\t",
    "'",
    "\\",
    "\\u0000",
    "\ud83d",
  ],
  ...[
    "=1+1",
    "@SUM(A1)",
    "nan",
    "NaN",
    "inf",
    "-1",
    "1e309",
    "99999999999999999999",
    "0x10",
    "1.5",
  ],
  ...[
    "[",
    "]",
    "{",
    "}",
    "[[[[[[[[",
    '{"0":',
    "null",
    "true",
    "t",
    "(SELECT 1)",
    "'); DROP TABLE x; --",
  ],
  ...["__proto__", "constructor", "٣", "é", "\u202e", "x".repeat(70_000), ",".repeat(5000)],
].map((text) => Buffer.from(text));
const invalid = [Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80])];
const all = [...tokens, ...invalid];

/** The bytes with one or two faults: flipped, cut, doubled, moved, or with a hostile token in them. */
export function mutated(bytes: Buffer, draw: Draw): Buffer {
  let result = bytes;
  for (let left = 1 + draw(2); left > 0; left--) result = withFault(result, draw);
  return result;
}

function withFault(bytes: Buffer, draw: Draw): Buffer {
  const at = draw(bytes.length + 1);
  const end = Math.min(bytes.length, at + draw(40));
  const [before, span, behind] = [
    bytes.subarray(0, at),
    bytes.subarray(at, end),
    bytes.subarray(end),
  ];
  const token = all[draw(all.length)] ?? Buffer.alloc(0);
  switch (draw(14)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < bytes.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << draw(8));
      return flipped;
    }
    case 1:
      return before;
    case 2:
      return Buffer.concat([before, behind]);
    case 3:
      return Buffer.concat([before, span, span, behind]);
    case 4:
      return Buffer.concat([behind, span, before]);
    case 5:
      return Buffer.concat([before, token, behind]);
    case 6:
      return Buffer.concat([before, token, span, behind]);
    default:
      return withOtherDigit(bytes, at, draw);
  }
}

/** A number stays one, or nearly: such faults are found behind the first reader, or not at all. */
function withOtherDigit(bytes: Buffer, from: number, draw: Draw): Buffer {
  const found = bytes.subarray(from).findIndex((byte) => byte >= 0x30 && byte <= 0x39);
  const changed = Buffer.from(bytes);
  const others = `${"0123456789".repeat(4)}-.e `;
  if (found >= 0) changed[from + found] = others.charCodeAt(draw(others.length));
  return changed;
}
