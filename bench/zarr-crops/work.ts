export type Origin = readonly [z: number, y: number, x: number];

/** Crops to read, from a volume of 384^3 in chunks of 64^3. */
export interface Work {
  readonly file: string;
  readonly origins: readonly Origin[];
  /** 0: no chunk is kept. */
  readonly cacheBytes: number;
  readonly peer?: "tensorstore" | "zarr-python";
}

const size = 384;
const chunk = 64;
const crop = 128;
const numCrops = 40;

export const cropShape: readonly number[] = [crop, crop, crop];
export const cropBytes = crop ** 3 * Uint16Array.BYTES_PER_ELEMENT;

/** On the edges of chunks: each crop is 8 whole chunks. */
export function alignedOrigins(): readonly Origin[] {
  const last = (size - crop) / chunk;
  return drawn((unit) => Math.floor(unit * (last + 1)) * chunk);
}

/** Anywhere: most crops are parts of 27 chunks. */
export function randomOrigins(): readonly Origin[] {
  return drawn((unit) => Math.floor(unit * (size - crop + 1)));
}

/** All crops at a stride, each once, shuffled. */
export function epochOrigins(stride: number): readonly Origin[] {
  const starts = Array.from(
    { length: Math.floor((size - crop) / stride) + 1 },
    (_, k) => k * stride,
  );
  const origins = starts.flatMap((z) =>
    starts.flatMap((y) => starts.map((x) => [z, y, x] as const)),
  );
  const unit = units();
  const keyed = origins.map((origin) => ({ origin, key: unit() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ origin }) => origin);
}

function drawn(place: (unit: number) => number): readonly Origin[] {
  const unit = units();
  return Array.from({ length: numCrops }, () => [place(unit()), place(unit()), place(unit())]);
}

/** The same numbers in every run: mulberry32 from a fixed seed. */
function units(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
