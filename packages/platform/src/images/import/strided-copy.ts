import type { Samples } from "../tiff/samples.ts";

/** Elements in memory: where they begin, and from one to the next along each axis. */
export interface Strided {
  readonly data: Samples;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Copies a block, the axes of both in one order; best when the last axis is the source's fastest. */
export function copyStrided(from: Strided, to: Strided, shape: readonly number[]): void {
  copyFrom(from, to, shape, { axis: 0, at: from.offset, put: to.offset });
}

function copyFrom(
  from: Strided,
  to: Strided,
  shape: readonly number[],
  { axis, at, put }: { readonly axis: number; readonly at: number; readonly put: number },
): void {
  const size = shape[axis] ?? 1;
  const [step, stride] = [from.strides[axis] ?? 1, to.strides[axis] ?? 1];
  if (axis < shape.length - 1) {
    for (let i = 0; i < size; i++) {
      copyFrom(from, to, shape, { axis: axis + 1, at: at + i * step, put: put + i * stride });
    }
    return;
  }
  if (step === 1 && stride === 1) {
    to.data.set(from.data.subarray(at, at + size), put);
    return;
  }
  const { data: source } = from;
  const { data: target } = to;
  for (let i = 0; i < size; i++) target[put + i * stride] = source[at + i * step] ?? 0;
}
