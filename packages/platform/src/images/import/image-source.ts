import type { Samples, SampleType } from "../tiff/samples.ts";
import type { ImageLabel } from "./image-label.ts";

/** A part of an image: where it begins and how large it is along T Z Y X; it has all channels. */
export interface Box {
  readonly origin: readonly [t: number, z: number, y: number, x: number];
  readonly shape: readonly [t: number, z: number, y: number, x: number];
}

/** An image in a file or a folder of any format, which is read box by box. */
export interface ImageSource extends AsyncDisposable {
  readonly path: string;
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  readonly sampleType: SampleType;
  /** Edge of a voxel along z, y, x; null where the file does not say. */
  readonly voxelSizeUm: readonly [z: number | null, y: number | null, x: number | null];
  readonly frameIntervalS: number | null;
  readonly channelNames: readonly string[];
  /** What said which axis is which: "OME-XML", "--axes", "names of the files". */
  readonly layoutFrom: string;
  /** Axes of space and time as they stand in the file, the fastest first: what is read together. */
  readonly fastestFirst: string;
  /** Axes along which a box must be whole, as planes of a TIFF. */
  readonly wholeAxes: string;
  /** Another text when the file has changed. It looks at every file of an OME-Zarr image. */
  fingerprint(): Promise<string>;
  /** Chunks that were not there, and were taken as their fill value, up to now. */
  readonly missingChunks: number;
  /** Label images that the image brings along, as OME-Zarr does: their folders. */
  readonly ownLabels?: readonly string[];
  /** What labels in OME-Zarr say of each instance. */
  readonly imageLabel?: ImageLabel | null;
  /** Reads a box into all of `into`, [T C Z Y X]. */
  read(box: Box, into: Samples, options: { readonly signal?: AbortSignal }): Promise<void>;
}

/** What the caller knows of a file that the file does not say. */
export interface SourceOptions {
  /** Axes of the file, slowest first, such as TZYX; null: as the file or its format has them. */
  readonly axes?: string | null;
  /** Which number of a file's name is which axis, as in "t{T}_z{Z}.tif"; null: found by itself. */
  readonly pattern?: string | null;
  /** The array in an .npz; null: its only one. */
  readonly member?: string | null;
  /** Where files may be unpacked; it is removed by who made it. */
  readonly workFolder: string;
  readonly signal?: AbortSignal | undefined;
}
