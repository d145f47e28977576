/** What one pass over a label map finds: N instances over T frames. */
export interface LabelObjects {
  /** [N], ascending; all above 0. */
  readonly ids: Int32Array<ArrayBuffer>;
  /** [T N 6] `zyxzyx` on voxel edges, half-open; zeros in a frame without the instance. */
  readonly boxes: Float32Array<ArrayBuffer>;
  /** [T N] 1: the instance has voxels in the frame. */
  readonly isPresent: Uint8Array<ArrayBuffer>;
}

/** Ids below this are looked up in a table, others in a map: labels are mostly counted from 1. */
const tableSize = 1 << 16;

/**
 * The instances of a label map, and their boxes in each frame. Voxels of 0 are background, negative
 * ones are ignored. (A catalogue's boxes are over all frames of a hypercube, `labelBoxes`: they say
 * which cells there are, and no model is trained on them.)
 *
 * @param labels - [T Z Y X], X the fastest.
 */
export function labelObjects(
  labels: Int32Array,
  [T, Z, Y, X]: readonly [t: number, z: number, y: number, x: number],
): LabelObjects {
  const slots = new Slots();
  const frames = Array.from({ length: T }, (_, t) => {
    const frame = labels.subarray(t * Z * Y * X, (t + 1) * Z * Y * X);
    return frameBounds(frame, [Z, Y, X], slots);
  });
  const order = [...slots.ids.keys()].sort((a, b) => (slots.ids[a] ?? 0) - (slots.ids[b] ?? 0));
  const N = order.length;
  const boxes = new Float32Array(T * N * 6);
  const isPresent = new Uint8Array(T * N);
  for (const [t, bounds] of frames.entries()) {
    for (const [n, slot] of order.entries()) {
      const box = bounds.subarray(slot * 6, slot * 6 + 6);
      if ((box[3] ?? 0) === 0) continue; // not yet seen, or not in this frame: a maximum is above 0
      boxes.set(box, (t * N + n) * 6);
      isPresent[t * N + n] = 1;
    }
  }
  return { ids: Int32Array.from(order, (slot) => slots.ids[slot] ?? 0), boxes, isPresent };
}

/** Numbers 0, 1, ... for ids, in the order of their first voxel. */
class Slots {
  readonly ids: number[] = [];
  readonly #table = new Int32Array(tableSize); // slot + 1
  readonly #map = new Map<number, number>();

  slotOf(id: number): number {
    const known = id < tableSize ? (this.#table[id] ?? 0) - 1 : (this.#map.get(id) ?? -1);
    if (known >= 0) return known;
    const slot = this.ids.push(id) - 1;
    if (id < tableSize) this.#table[id] = slot + 1;
    else this.#map.set(id, slot);
    return slot;
  }
}

/**
 * Boxes [slots 6] of a frame. A row of voxels is taken as runs of one id: only where a run begins is
 * anything looked up.
 */
function frameBounds(
  frame: Int32Array,
  [Z, Y, X]: readonly [number, number, number],
  slots: Slots,
): Int32Array {
  let bounds = new Int32Array(6 * 64);
  let numSeen = 0;
  let n = 0;
  for (let z = 0; z < Z; z++) {
    for (let y = 0; y < Y; y++) {
      const end = n + X;
      const row = n;
      while (n < end) {
        const id = frame[n] as number;
        const first = n;
        do n++;
        while (n < end && frame[n] === id);
        if (id <= 0) continue;
        const at = slots.slotOf(id) * 6;
        if (at >= bounds.length) bounds = grown(bounds, at + 6);
        numSeen = Math.max(numSeen, at + 6);
        include(bounds, at, z, y, first - row, n - row);
      }
    }
  }
  return grown(bounds, Math.max(numSeen, slots.ids.length * 6)).subarray(0, slots.ids.length * 6);
}

/** Rows come in the order of z, so that the first one seen has the lowest. */
function include(b: Int32Array, at: number, z: number, y: number, x0: number, x1: number): void {
  if (b[at + 3] === 0) {
    b[at] = z;
    b[at + 1] = y;
    b[at + 2] = x0;
    b[at + 4] = y + 1;
    b[at + 5] = x1;
  } else {
    if (y < (b[at + 1] as number)) b[at + 1] = y;
    if (x0 < (b[at + 2] as number)) b[at + 2] = x0;
    if (y + 1 > (b[at + 4] as number)) b[at + 4] = y + 1;
    if (x1 > (b[at + 5] as number)) b[at + 5] = x1;
  }
  b[at + 3] = z + 1;
}

function grown(bounds: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (bounds.length >= length) return bounds;
  const larger = new Int32Array(Math.max(length, 2 * bounds.length));
  larger.set(bounds);
  return larger;
}
