import type { FillValue, TypedArray } from "@cell-observatory/zarr";
import { stridesOf } from "../axes.ts";
import type { Finding } from "./findings.ts";
import type { Unit } from "./units.ts";

/** A plane that has more voxels than this at the largest count was too bright for the camera. */
const mostSaturated = 0.01;

const largest: Readonly<Record<string, number>> = {
  uint8: 255,
  uint16: 65535,
  int16: 32767,
  uint32: 2 ** 32 - 1,
};

interface Plane {
  low: number;
  high: number;
  numNotFinite: number;
  numSaturated: number;
  numVoxels: number;
}

/** What the planes of a slab hold, gathered from its units; planes by frame, channel and z. */
export class PlaneStatistics {
  readonly #axes: string;
  readonly #limit: number;
  readonly #planes = new Map<string, Plane>();

  constructor(axes: string, dtype: string) {
    this.#axes = axes;
    this.#limit = largest[dtype] ?? Number.POSITIVE_INFINITY;
  }

  /** @param values - all of the unit, in C order. */
  add({ origin, shape }: Unit, values: TypedArray): void {
    const strides = stridesOf(shape);
    const along = (axis: string) => {
      const at = this.#axes.indexOf(axis);
      if (at < 0) return { start: 0, size: 1, stride: 0 };
      return { start: origin[at] ?? 0, size: shape[at] ?? 1, stride: strides[at] ?? 1 };
    };
    const [t, c, z, y, x] = ["T", "C", "Z", "Y", "X"].map(along) as [Line, Line, Line, Line, Line];
    for (let i = 0; i < t.size; i++) {
      for (let j = 0; j < c.size; j++) {
        for (let k = 0; k < z.size; k++) {
          const plane = this.#plane(t.start + i, c.start + j, z.start + k);
          const from = i * t.stride + j * c.stride + k * z.stride;
          this.#addPlane(plane, values, from, y, x);
        }
      }
    }
  }

  /** @param fillValue - where it is given, planes of nothing else are no finding: chunks are missing. */
  findings(array: string, fillValue: FillValue | null): Finding[] {
    const found = new Map<string, { kind: Finding["kind"]; planes: string[]; what: string }>();
    const note = (kind: Finding["kind"], key: string, plane: string, what: string) => {
      const before = found.get(key);
      if (before) before.planes.push(plane);
      else found.set(key, { kind, planes: [plane], what });
    };
    for (const [key, plane] of this.#planes) {
      const { low, high, numNotFinite, numSaturated, numVoxels } = plane;
      if (numNotFinite > 0)
        note("not-a-number", "not finite", key, "hold values that are no finite numbers");
      if (low === high && numNotFinite === 0 && low !== Number(fillValue ?? Number.NaN)) {
        note("constant", `constant ${low}`, key, `hold nothing but ${low}`);
      } else if (numSaturated > mostSaturated * numVoxels) {
        note("saturated", "saturated", key, `have more than 1 % of their voxels at ${this.#limit}`);
      }
    }
    return [...found.values()].flatMap(({ kind, planes, what }) =>
      byFrame(planes).map(({ t, text, region }) => ({
        kind,
        array,
        region,
        reason: `frame ${t}: ${text} ${what}`,
      })),
    );
  }

  #plane(t: number, c: number, z: number): Plane {
    const key = `${t} ${c} ${z}`;
    const known = this.#planes.get(key);
    if (known) return known;
    const plane = {
      low: Number.POSITIVE_INFINITY,
      high: Number.NEGATIVE_INFINITY,
      numNotFinite: 0,
      numSaturated: 0,
      numVoxels: 0,
    };
    this.#planes.set(key, plane);
    return plane;
  }

  #addPlane(plane: Plane, values: TypedArray, from: number, y: Line, x: Line): void {
    let { low, high, numNotFinite, numSaturated } = plane;
    const limit = this.#limit;
    for (let row = 0; row < y.size; row++) {
      let at = from + row * y.stride;
      for (let column = 0; column < x.size; column++, at += x.stride) {
        const value = Number(values[at]);
        if (value < low) low = value;
        if (value > high) high = value;
        if (value >= limit) numSaturated += 1;
        if (!Number.isFinite(value)) numNotFinite += 1;
      }
    }
    Object.assign(plane, { low, high, numNotFinite, numSaturated });
    plane.numVoxels += y.size * x.size;
  }
}

interface Line {
  readonly start: number;
  readonly size: number;
  readonly stride: number;
}

/** Planes as a reader wants them: "channel 0, planes 3-7, 9". */
function byFrame(keys: readonly string[]) {
  const frames = new Map<number, Map<number, number[]>>();
  for (const key of keys) {
    const [t = 0, c = 0, z = 0] = key.split(" ").map(Number);
    const channels = frames.get(t) ?? new Map<number, number[]>();
    channels.set(c, [...(channels.get(c) ?? []), z]);
    frames.set(t, channels);
  }
  return [...frames].flatMap(([t, channels]) =>
    [...channels].map(([c, planes]) => {
      const sorted = planes.sort((a, b) => a - b);
      const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
      return {
        t,
        text: `channel ${c}, planes ${ranges(sorted)}`,
        region: {
          origin: [t, first, 0, 0] as const,
          shape: [1, last - first + 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const,
        },
      };
    }),
  );
}

function ranges(sorted: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const value of sorted) {
    const last = parts.at(-1);
    if (last && last[1] + 1 === value) last[1] = value;
    else parts.push([value, value]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
