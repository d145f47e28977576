import { DataError } from "../images/index.ts";

/** Number types that a batch may hold: the run's `storage_dtype`. */
export const voxelDtypes = ["uint8", "uint16", "int16", "float32"] as const;
export type VoxelDtype = (typeof voxelDtypes)[number];

/** Voxels in memory that is shared with the threads that decode chunks. */
export type VoxelArray =
  | Uint8Array<SharedArrayBuffer>
  | Uint16Array<SharedArrayBuffer>
  | Int16Array<SharedArrayBuffer>
  | Float32Array<SharedArrayBuffer>;

const voxelBytes = { uint8: 1, uint16: 2, int16: 2, float32: 4 } as const;

/** Types of which every value is also one of the other type. */
const widensTo: Readonly<Record<VoxelDtype, readonly VoxelDtype[]>> = {
  uint8: ["uint8", "uint16", "int16", "float32"],
  uint16: ["uint16", "float32"],
  int16: ["int16", "float32"],
  float32: ["float32"],
};

export function isVoxelDtype(dtype: string): dtype is VoxelDtype {
  return voxelDtypes.some((known) => known === dtype);
}

export const bytesPerVoxel = (dtype: VoxelDtype): number => voxelBytes[dtype];

/** A part of shared memory as voxels; `start` counts voxels. */
export function voxelsIn(
  memory: SharedArrayBuffer,
  dtype: VoxelDtype,
  { start, length }: { readonly start: number; readonly length: number },
): VoxelArray {
  const byteOffset = start * bytesPerVoxel(dtype);
  switch (dtype) {
    case "uint8":
      return new Uint8Array(memory, byteOffset, length);
    case "uint16":
      return new Uint16Array(memory, byteOffset, length);
    case "int16":
      return new Int16Array(memory, byteOffset, length);
    case "float32":
      return new Float32Array(memory, byteOffset, length);
    default:
      return dtype satisfies never;
  }
}

/** Memory of its own for so many voxels, all 0. */
export function newVoxels(dtype: VoxelDtype, length: number): VoxelArray {
  const memory = new SharedArrayBuffer(length * bytesPerVoxel(dtype));
  return voxelsIn(memory, dtype, { start: 0, length });
}

/**
 * The type of a file's voxels, when each of them has an equal in a batch of type `batch`.
 *
 * @throws {@link DataError} DATA_DTYPE: nothing is rounded or cut off on the way.
 */
export function checkedDtype(path: string, dtype: string, batch: VoxelDtype): VoxelDtype {
  if (isVoxelDtype(dtype) && widensTo[dtype].includes(batch)) return dtype;
  const fitting = voxelDtypes.filter((from) => widensTo[from].includes(batch)).join(" or ");
  const message = `${path} holds ${dtype}; batches of ${batch} take ${fitting}`;
  const other = isVoxelDtype(dtype) ? ` Or set storage_dtype=${dtype}.` : "";
  throw new DataError("DATA_DTYPE", message, {
    hint: `Import the image again with \`cello data import FILE --dtype uint16\`.${other}`,
  });
}
