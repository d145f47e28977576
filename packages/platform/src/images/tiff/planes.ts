import { DataError } from "../errors.ts";
import type { OmePixels } from "./ome-xml.ts";
import type { TiffPage } from "./tiff-page.ts";

/** An axis along which the planes of a stack stand. */
export type PlaneAxis = "T" | "Z" | "C";

export function isPlaneAxis(axis: string): axis is PlaneAxis {
  return axis === "T" || axis === "Z" || axis === "C";
}

/** How many planes there are along each axis, and the axis first along which neighbours differ. */
export interface PlaneGrid {
  readonly sizes: Readonly<Record<PlaneAxis, number>>;
  readonly order: readonly PlaneAxis[];
}

interface Planes extends PlaneGrid {
  readonly path: string;
  /** Of full size; OME-XML counts the file's others too. */
  readonly pages: readonly TiffPage[];
  /** In the file. */
  readonly numPages: number;
  /** Channels in a page. */
  readonly perPage: number;
}

/**
 * The page of each plane, planes in the dimension order. Pages may stand in any: microscopes write
 * them as they come, and say in `TiffData` what they are.
 *
 * @throws {@link DataError} TIFF_METADATA when a plane has no page, or two.
 */
export function pagesOfPlanes(
  { tiffData }: OmePixels,
  { path, pages, numPages, sizes, order, perPage }: Planes,
): readonly TiffPage[] {
  const numPlanes = sizes.T * sizes.Z * sizes.C;
  // Where the numbers differ, the caller says so.
  if (tiffData.length === 0 || numPlanes !== pages.length) return pages;
  const found = new Map<number, TiffPage>();
  const byIndex = new Map(pages.map((page, place) => [page.index, place]));
  for (const { ifd, first, numPlanes: count } of tiffData) {
    const at = { ...first, C: Math.floor(first.C / perPage) };
    const isInside = order.every((axis) => at[axis] < sizes[axis]);
    const start = order.reduceRight((sum, axis) => sum * sizes[axis] + at[axis], 0);
    const from = count === null ? 0 : (byIndex.get(ifd) ?? pages.length);
    for (let k = 0; k < (count ?? pages.length); k++) {
      const page = pages[from + k];
      if (!page || !isInside || start + k >= numPlanes || found.has(start + k)) {
        const index = page?.index ?? ifd + k;
        const what = `puts page ${index} of ${numPages} in the place of plane ${start + k} of ${numPlanes}`;
        const isReduced = !page && index < numPages;
        const why = found.has(start + k)
          ? "which has one already"
          : isReduced
            ? "which is no page of full size"
            : "which there is not";
        throw new DataError("TIFF_METADATA", `${path}: its OME-XML ${what}, ${why}`);
      }
      found.set(start + k, page);
    }
  }
  return pages.map((_, plane) => {
    const page = found.get(plane);
    if (page) return page;
    const message = `${path}: its OME-XML names no page for plane ${plane} of ${numPlanes}`;
    throw new DataError("TIFF_METADATA", message);
  });
}
