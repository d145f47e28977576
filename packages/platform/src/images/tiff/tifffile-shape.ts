import { DataError } from "../errors.ts";
import { isPlaneAxis, type PlaneAxis, type PlaneGrid } from "./planes.ts";

interface Reading {
  readonly path: string;
  /** The shape has an axis of samples, as in RGB. */
  readonly hasSamples: boolean;
  /** What planes are when there is one axis of them, and the description does not name it. */
  readonly pagesAre: PlaneAxis;
}

/**
 * The planes of a stack that the tifffile library wrote: its description is
 * `{"shape": [2, 31, 61, 57], "axes": "TZYX"}`, the axes only where the writer gave them. Null for
 * any other description.
 *
 * @throws {@link DataError} TIFF_LAYOUT when it does not tell which axis is which.
 */
export function namedPlanes(description: string, reading: Reading): PlaneGrid | null {
  if (!description.startsWith("{") || description.length > 65536) return null;
  const named = shapeIn(description);
  if (!named) return null;
  const { shape, axes } = named;
  if (axes === null) return unnamed(shape, reading);
  const planes = [...axes].flatMap((axis, at) =>
    "YXS".includes(axis) ? [] : [{ axis, size: shape[at] ?? 1 }],
  );
  const sizes = { T: 1, Z: 1, C: 1 };
  const order: PlaneAxis[] = [];
  for (const { axis, size } of planes.reverse()) {
    if (!isPlaneAxis(axis) || order.includes(axis)) {
      if (size === 1) continue;
      const message = `${reading.path} has axes ${axes}; expected T, Z, C, Y and X, each once`;
      throw new DataError("TIFF_LAYOUT", message);
    }
    sizes[axis] = size;
    order.push(axis);
  }
  return { sizes, order: [...order, ...rest(order)] };
}

/** Without names, one axis of planes is `pagesAre`, and two are T and Z. */
function unnamed(shape: readonly number[], { path, hasSamples, pagesAre }: Reading): PlaneGrid {
  const all = shape.slice(0, shape.length - (hasSamples ? 3 : 2));
  const planes = all.length > 2 ? all.filter((size) => size > 1) : all;
  const [a = 1, b = 1] = planes;
  if (planes.length > 2) {
    const message = `${path} has planes of ${planes.join(" x ")}, and does not say along which axes`;
    const hint = 'Save it with its axes, as in tifffile\'s metadata={"axes": "TZCYX"}.';
    throw new DataError("TIFF_LAYOUT", message, { hint });
  }
  const order = ["Z", "T", "C"] as const;
  if (planes.length === 2) return { sizes: { T: a, Z: b, C: 1 }, order };
  return { sizes: { T: 1, Z: 1, C: 1, [pagesAre]: a }, order };
}

const rest = (order: readonly PlaneAxis[]) =>
  (["Z", "T", "C"] as const).filter((axis) => !order.includes(axis));

interface NamedShape {
  readonly shape: readonly number[];
  readonly axes: string | null;
}

function shapeIn(description: string): NamedShape | null {
  let read: { readonly shape?: unknown; readonly axes?: unknown };
  try {
    read = JSON.parse(description);
  } catch {
    return null; // some other program's description that begins with a brace
  }
  const { shape, axes } = read;
  const isSize = (size: unknown) => Number.isSafeInteger(size) && Number(size) > 0;
  if (!Array.isArray(shape) || shape.length < 2 || !shape.every(isSize)) return null;
  return { shape, axes: typeof axes === "string" && axes.length === shape.length ? axes : null };
}
