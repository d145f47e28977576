import type { ArrayLayout } from "@cell-observatory/zarr";

/** Number types that an image can be stored in. */
export type StoredType = "uint8" | "uint16" | "int16" | "float32";

export interface ImportOptions {
  /** Instances of the image, in any format that an image can be in; kept as whole numbers. */
  readonly labels?: string | null;
  /** Axes of the file, slowest first, such as TZYX; null: as the file or its format has them. */
  readonly axes?: string | null;
  /** Where the numbers stand in the names of a folder's files. */
  readonly pattern?: string | null;
  /** The array in an .npz. */
  readonly member?: string | null;
  /** The same for labels. */
  readonly labelsMember?: string | null;
  /** Null: the file's, but 8-bit counts become 16-bit, the same numbers. */
  readonly dtype?: StoredType | null;
  /** Edge of a voxel; takes the place of what the file says. */
  readonly voxelSizeUm?: readonly [z: number, y: number, x: number] | null;
  /** Sizes along T Z Y X; null: chosen by the size of the image. */
  readonly chunk?: readonly number[] | null;
  readonly shard?: readonly number[] | null;
  readonly codec?: ArrayLayout["codec"] | null;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Most memory for voxels that are read and wait to be written, about. */
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number) => void;
}
