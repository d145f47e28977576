import { DataError } from "../errors.ts";
import type { TiffFile } from "./directory.ts";
import { type ImageJStack, parseImageJ } from "./imagej.ts";
import { type OmePixels, parseOmeXml } from "./ome-xml.ts";
import { isPlaneAxis, type PlaneAxis, type PlaneGrid, pagesOfPlanes } from "./planes.ts";
import { sampleBytes } from "./samples.ts";
import { stackOf, type TiffStack } from "./stack-of-pages.ts";
import type { TiffPage } from "./tiff-page.ts";
import { namedPlanes } from "./tifffile-shape.ts";

const maxDescriptionBytes = 64 * 2 ** 20;

/**
 * Finds out what the pages are: by the OME-XML, by ImageJ's description, by tifffile's, or else
 * every page is a plane of z (`pagesAre` "T": of t).
 *
 * @throws {@link DataError} TIFF_LAYOUT when pages differ or are too few, TIFF_METADATA.
 */
export async function readStack(file: TiffFile, pagesAre: PlaneAxis = "Z"): Promise<TiffStack> {
  const { path } = file.bytes;
  const pages = file.pages.filter(({ isReduced }) => !isReduced);
  const [first] = pages;
  if (!first) throw new DataError("TIFF_LAYOUT", `${path} holds reduced copies of pages alone`);
  const description = await readDescription(file, first);
  if (/<(\w+:)?OME[\s>]/.test(description.slice(0, 4096))) {
    return fromOme(file, pages, first, parseOmeXml(description, path));
  }
  const imageJ = parseImageJ(description);
  if (imageJ) return fromImageJ(file, pages, first, imageJ);
  const named = namedPlanes(description, { path, hasSamples: first.numSamples > 1, pagesAre });
  if (named) return plain(file, pages, first, named, "tifffile");
  const sizes = { T: 1, Z: 1, C: 1, [pagesAre]: pages.length };
  return plain(file, pages, first, { sizes, order: ["Z", "T", "C"] }, "pages");
}

async function readDescription(file: TiffFile, { description }: TiffPage): Promise<string> {
  if (!description) return "";
  if (description.count * description.itemBytes > maxDescriptionBytes) {
    const message = `${file.bytes.path} has a description of ${description.count} bytes; ${maxDescriptionBytes} at most`;
    throw new DataError("TIFF_METADATA", message);
  }
  const { start, count, itemBytes } = description;
  const what = "the description of the first page";
  const { buffer } = await file.bytes.read(start, count * itemBytes, what);
  return Buffer.from(buffer).toString("utf8").replace(/\0+$/, "");
}

function fromOme(
  file: TiffFile,
  pages: readonly TiffPage[],
  first: TiffPage,
  ome: OmePixels,
): TiffStack {
  const { path } = file.bytes;
  const own = path.split("/").at(-1);
  const elsewhere = ome.otherFiles.filter((name) => name !== own);
  if (ome.otherFiles.length > 1 && elsewhere.length > 0) {
    const message = `${path} is one part of an image in ${ome.otherFiles.length} files, such as ${elsewhere[0]}`;
    const hint = "Save the image as one OME-TIFF, or import the parts one by one without OME-XML.";
    throw new DataError("TIFF_LAYOUT", message, { hint });
  }
  const { T, Z, C, Y, X } = ome.sizes;
  if (Y !== first.height || X !== first.width) {
    const sizes = `SizeY ${Y} and SizeX ${X}, but pages are ${first.height} x ${first.width}`;
    throw new DataError("TIFF_METADATA", `${path}: its OME-XML says ${sizes}`);
  }
  if (C % first.numSamples !== 0) {
    const samples = `SizeC ${C}, but pages have ${first.numSamples} samples`;
    throw new DataError("TIFF_METADATA", `${path}: its OME-XML says ${samples}`);
  }
  const sizes = { T, Z, C: C / first.numSamples };
  if (ome.numImages > 1 && T * Z * sizes.C !== pages.length) {
    throw new DataError("TIFF_LAYOUT", `${path} holds ${ome.numImages} images; expected one`, {
      hint: "Save each image as a file of its own, or convert the file with bioformats2raw and import the folder of each image.",
    });
  }
  const order = [...ome.dimensionOrder.slice(2)].filter(isPlaneAxis);
  const inOrder = pagesOfPlanes(ome, {
    ...{ path, pages, sizes, order },
    numPages: file.pages.length,
    perPage: first.numSamples,
  });
  const stack = stackOf(file, inOrder, first, sizes, order, "OME-XML");
  return {
    ...stack,
    voxelSizeUm: ome.physicalSizeUm,
    frameIntervalS: ome.timeIncrementS,
    channelNames: ome.channelNames,
  };
}

function fromImageJ(
  file: TiffFile,
  pages: readonly TiffPage[],
  first: TiffPage,
  imageJ: ImageJStack,
): TiffStack {
  const { channels, slices, frames, images, unit } = imageJ;
  const sizes =
    channels * slices * frames === images
      ? { T: frames, Z: slices, C: channels }
      : { T: 1, Z: images, C: 1 };
  const all = pages.length === 1 && images > 1 ? spread(file, first, images) : pages;
  const perUm = { µm: 1, um: 1, micron: 1, microns: 1, nm: 1000, mm: 1e-3 }[unit];
  const edge = (pixels: number) => (perUm && pixels > 0 ? 1 / pixels / perUm : null);
  return {
    ...stackOf(file, all, first, sizes, ["C", "Z", "T"], "ImageJ"),
    voxelSizeUm: [
      perUm && imageJ.spacing ? imageJ.spacing / perUm : null,
      edge(first.pixelsPerUnit[1]),
      edge(first.pixelsPerUnit[0]),
    ],
    frameIntervalS: imageJ.intervalS,
  };
}

/** Stacks above 4 GB: ImageJ writes one directory, and the planes behind each other. */
function spread(file: TiffFile, first: TiffPage, images: number): TiffPage[] {
  const bytes = first.width * first.height * first.numSamples * sampleBytes(first.sampleType);
  const isRoom = images * bytes <= file.bytes.size; // asked before a page is made for each
  if (first.compression !== 1 || first.isTiled || images > 1_000_000 || !isRoom) {
    const message = `${file.bytes.path} says it has ${images} planes, but has one page`;
    throw new DataError("TIFF_LAYOUT", message);
  }
  return Array.from({ length: images }, (_, index) => {
    return { ...first, index, planeShift: index * bytes };
  });
}

function plain(
  file: TiffFile,
  pages: readonly TiffPage[],
  first: TiffPage,
  { sizes, order }: PlaneGrid,
  source: TiffStack["source"],
): TiffStack {
  const perUnit = { 2: 25400, 3: 10000 }[first.resolutionUnit];
  const edge = (pixels: number) => (perUnit && pixels > 1 ? perUnit / pixels : null);
  const stack = stackOf(file, pages, first, sizes, order, source);
  const [x, y] = first.pixelsPerUnit;
  // 72 or 96 pixels an inch are a screen's: no microscope writes them.
  const isScreen = first.resolutionUnit === 2 && x <= 300;
  return { ...stack, voxelSizeUm: isScreen ? [null, null, null] : [null, edge(y), edge(x)] };
}
