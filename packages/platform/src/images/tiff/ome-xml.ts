import { z } from "zod";
import { type Attributes, fail, xmlTags } from "./xml-tags.ts";

/** What an OME-XML header says about the first image of its file. */
export interface OmePixels {
  readonly dimensionOrder: string;
  /** Images that it tells of; pages of the others are in the file too, or in files beside it. */
  readonly numImages: number;
  readonly sizes: Readonly<Record<"T" | "Z" | "C" | "Y" | "X", number>>;
  readonly physicalSizeUm: readonly [z: number | null, y: number | null, x: number | null];
  readonly timeIncrementS: number | null;
  readonly channelNames: readonly string[];
  /** Names of other files that hold some of the planes. */
  readonly otherFiles: readonly string[];
  /** Which pages hold which planes; none: all pages, in order. */
  readonly tiffData: readonly TiffData[];
}

/** Pages from `ifd` on hold the planes from `first` on, in the dimension order. */
export interface TiffData {
  readonly ifd: number;
  readonly first: Readonly<Record<"T" | "Z" | "C", number>>;
  /** Null: all pages that there are. */
  readonly numPlanes: number | null;
}

const maxBytes = 64 * 2 ** 20;

/**
 * Reads the first `Pixels` element. Only tags and their attributes are looked at, in one pass;
 * documents with a type declaration are refused, so that no entity is ever expanded or fetched.
 *
 * @throws {@link DataError} TIFF_METADATA, naming `path`.
 */
export function parseOmeXml(xml: string, path: string): OmePixels {
  if (xml.length > maxBytes) fail(path, `is ${xml.length} characters long; ${maxBytes} at most`);
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) fail(path, "declares a document type, which is not allowed");
  const channelNames: string[] = [];
  const otherFiles = new Set<string>();
  const tiffData: TiffData[] = [];
  let pixels: Attributes | null = null;
  let numImages = 0;
  for (const { name, attributes } of xmlTags(xml, path)) {
    if (name === "Pixels") numImages += 1;
    if (numImages > 1) continue;
    if (name === "Pixels") pixels = attributes;
    if (name === "Channel" && pixels) {
      channelNames.push(attributes.get("Name") ?? attributes.get("ID") ?? `${channelNames.length}`);
    }
    if (name === "TiffData" && pixels) tiffData.push(tiffDataOf(attributes, path));
    const file = attributes.get("FileName");
    if (name === "UUID" && file) otherFiles.add(file);
  }
  if (!pixels) fail(path, "has no Pixels element");
  const parsed = Pixels.safeParse(Object.fromEntries(pixels ?? []));
  if (!parsed.success) return fail(path, z.prettifyError(parsed.error));
  const { data } = parsed;
  return {
    dimensionOrder: data.DimensionOrder,
    numImages,
    sizes: { T: data.SizeT, Z: data.SizeZ, C: data.SizeC, Y: data.SizeY, X: data.SizeX },
    physicalSizeUm: [
      micrometres(data.PhysicalSizeZ, data.PhysicalSizeZUnit),
      micrometres(data.PhysicalSizeY, data.PhysicalSizeYUnit),
      micrometres(data.PhysicalSizeX, data.PhysicalSizeXUnit),
    ],
    timeIncrementS: seconds(data.TimeIncrement, data.TimeIncrementUnit),
    channelNames,
    otherFiles: [...otherFiles],
    tiffData,
  };
}

/** One plane when the page is named, all pages when not: the OME schema's own defaults. */
function tiffDataOf(attributes: Attributes, path: string): TiffData {
  const parsed = TiffDataAttributes.safeParse(Object.fromEntries(attributes));
  if (!parsed.success) return fail(path, z.prettifyError(parsed.error));
  const { IFD, FirstT, FirstZ, FirstC, PlaneCount } = parsed.data;
  const numPlanes = PlaneCount ?? (attributes.has("IFD") ? 1 : null);
  return { ifd: IFD, first: { T: FirstT, Z: FirstZ, C: FirstC }, numPlanes };
}

const count = z.coerce
  .number()
  .int()
  .positive()
  .max(2 ** 31);
const length = z.coerce.number().positive().finite().optional();

const Pixels = z.object({
  DimensionOrder: z.enum(["XYZCT", "XYZTC", "XYCZT", "XYCTZ", "XYTZC", "XYTCZ"]),
  SizeT: count,
  SizeZ: count,
  SizeC: count,
  SizeY: count,
  SizeX: count,
  PhysicalSizeZ: length,
  PhysicalSizeY: length,
  PhysicalSizeX: length,
  PhysicalSizeZUnit: z.string().default("µm"),
  PhysicalSizeYUnit: z.string().default("µm"),
  PhysicalSizeXUnit: z.string().default("µm"),
  TimeIncrement: length,
  TimeIncrementUnit: z.string().default("s"),
});

const place = z.coerce
  .number()
  .int()
  .nonnegative()
  .max(2 ** 31)
  .default(0);

const TiffDataAttributes = z.object({
  IFD: place,
  FirstT: place,
  FirstZ: place,
  FirstC: place,
  PlaneCount: count.optional(),
});

const perMicrometre: Readonly<Record<string, number>> = {
  m: 1e6,
  cm: 1e4,
  mm: 1e3,
  µm: 1,
  μm: 1, // the Greek letter; the line above has the micro sign
  um: 1,
  nm: 1e-3,
  Å: 1e-4,
  pm: 1e-6,
};

function micrometres(value: number | undefined, unit: string): number | null {
  const scale = perMicrometre[unit];
  return value === undefined || scale === undefined ? null : value * scale;
}

function seconds(value: number | undefined, unit: string): number | null {
  const scale = { ms: 1e-3, s: 1, min: 60, h: 3600 }[unit];
  return value === undefined || scale === undefined ? null : value * scale;
}
