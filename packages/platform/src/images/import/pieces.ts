import { stridesOf } from "../axes.ts";

/** One stretch of a file, and where in the region it begins, along the axes outside of a piece. */
export interface Piece {
  /** The number of its first element in the file. */
  readonly first: number;
  readonly count: number;
  readonly index: readonly number[];
}

/** How a region of a C array in a file is read: piece by piece, all pieces of one form. */
export interface Pieces {
  /** A piece spans the axes from this one on. */
  readonly level: number;
  /** Sizes and strides of the region in a piece, along those axes. */
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  all(): Generator<Piece, void, undefined>;
}

const mostBytes = 8 * 2 ** 20;
/** Runs shorter than this are read together with what lies between them. */
const shortBytes = 64 * 2 ** 10;
const mostWaste = 4;

/** Few reads, each of at most 8 MiB (or one row), and little that is read in vain. */
export function planPieces(
  sizes: readonly number[],
  region: { readonly origin: readonly number[]; readonly shape: readonly number[] },
  itemBytes: number,
): Pieces {
  const strides = stridesOf(sizes);
  const spanFrom = (level: number) =>
    region.shape.slice(level).reduce((sum, n, i) => sum + (n - 1) * (strides[level + i] ?? 1), 1);
  const wantedFrom = (level: number) => region.shape.slice(level).reduce((a, b) => a * b, 1);
  let level = Math.max(0, sizes.length - 1);
  while (level > 0) {
    const span = spanFrom(level - 1);
    const isShort = spanFrom(level) * itemBytes < shortBytes;
    const isWasted = span > mostWaste * wantedFrom(level - 1);
    if (span * itemBytes > mostBytes || (isWasted && !isShort)) break;
    level -= 1;
  }
  const outer = region.shape.slice(0, level);
  const start = region.origin.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 1), 0);
  const count = spanFrom(level);
  return {
    level,
    shape: region.shape.slice(level),
    strides: strides.slice(level),
    *all() {
      const index = outer.map(() => 0);
      for (;;) {
        const first = index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 1), start);
        yield { first, count, index: [...index] };
        let axis = level - 1;
        while (axis >= 0 && (index[axis] ?? 0) + 1 === outer[axis]) index[axis--] = 0;
        if (axis < 0) return;
        index[axis] = (index[axis] ?? 0) + 1;
      }
    },
  };
}
