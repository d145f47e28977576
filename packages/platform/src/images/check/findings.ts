/** What can be wrong with an image. Faults must not be trained on; remarks are for who knows the image. */
export type FindingKind =
  | "unreadable"
  | "damaged"
  | "not-a-number"
  | "labels-shape"
  | "boxes"
  | "missing"
  | "constant"
  | "saturated"
  | "labels-outside";

const faults: readonly FindingKind[] = [
  "unreadable",
  "damaged",
  "not-a-number",
  "labels-shape",
  "boxes",
];

export const isFault = ({ kind }: Pick<Finding, "kind">): boolean => faults.includes(kind);

/** A part of an image, in voxels and frames. */
export interface Region {
  readonly origin: readonly [t: number, z: number, y: number, x: number];
  readonly shape: readonly [t: number, z: number, y: number, x: number];
}

export interface Finding {
  readonly kind: FindingKind;
  /** The array, relative to the image's folder; "" is the image itself. */
  readonly array: string;
  /** The chunk along the array's own axes, for what is wrong with one chunk. */
  readonly chunk?: readonly number[];
  /** Null: all of the image. */
  readonly region: Region | null;
  /** A sentence. */
  readonly reason: string;
}
