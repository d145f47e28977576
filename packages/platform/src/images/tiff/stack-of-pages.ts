import { DataError } from "../errors.ts";
import type { TiffFile } from "./directory.ts";
import type { PlaneAxis } from "./planes.ts";
import type { SampleType } from "./samples.ts";
import type { TiffPage } from "./tiff-page.ts";

/** A TIFF file as one image [T Z Y X C]: which page holds which plane, and how large voxels are. */
export interface TiffStack {
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  readonly sampleType: SampleType;
  /** Edge of a voxel along z, y, x; null where the file does not say. */
  readonly voxelSizeUm: readonly [z: number | null, y: number | null, x: number | null];
  readonly frameIntervalS: number | null;
  readonly channelNames: readonly string[];
  /** Samples in a page: the channels c * samples + s stand together in the page of (t, z, c). */
  readonly samplesPerPage: number;
  readonly pageAt: (t: number, z: number, c: number) => TiffPage;
  /** What said how the pages are to be read. */
  readonly source: "OME-XML" | "ImageJ" | "tifffile" | "pages";
}

/**
 * Pages that are alike as an image; `order` has the axis first along which neighbouring pages differ.
 *
 * @throws {@link DataError} TIFF_LAYOUT when they are not, or are too few or too many.
 */
export function stackOf(
  { bytes }: TiffFile,
  pages: readonly TiffPage[],
  first: TiffPage,
  sizes: Readonly<Record<PlaneAxis, number>>,
  order: readonly PlaneAxis[],
  source: TiffStack["source"],
): TiffStack {
  const wanted = sizes.T * sizes.Z * sizes.C;
  if (wanted !== pages.length) {
    const planes = `T ${sizes.T}, Z ${sizes.Z}, C ${sizes.C}: ${wanted} planes`;
    const message = `${bytes.path} has ${pages.length} pages, but its ${source} says ${planes}`;
    throw new DataError("TIFF_LAYOUT", message);
  }
  for (const page of pages) {
    if (describe(page) !== describe(first)) {
      const message = `${bytes.path}: page ${page.index} is ${describe(page)}, but page ${first.index} is ${describe(first)}`;
      throw new DataError("TIFF_LAYOUT", message);
    }
  }
  const { width, height, numSamples, sampleType } = first;
  return {
    shape: [sizes.T, sizes.Z, height, width, sizes.C * numSamples],
    sampleType,
    voxelSizeUm: [null, null, null],
    frameIntervalS: null,
    channelNames: [],
    samplesPerPage: numSamples,
    source,
    pageAt: (t, z, c) => {
      const at = { T: t, Z: z, C: c };
      const index = order.reduceRight((sum, axis) => sum * sizes[axis] + at[axis], 0);
      const page = pages[index];
      if (!page) throw new RangeError(`no plane at t ${t}, z ${z}, c ${c}`);
      return page;
    },
  };
}

function describe({ width, height, numSamples, sampleType }: TiffPage): string {
  return `${width} x ${height} x ${numSamples} ${sampleType}`;
}
