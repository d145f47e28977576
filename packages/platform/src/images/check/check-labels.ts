import { join } from "node:path";
import type { ZarrArray } from "@cell-observatory/zarr";
import type { ImageSource } from "../import/image-source.ts";
import { zarrSource } from "../import/zarr-source.ts";
import type { ImageDescription } from "../scan/describe-image.ts";
import { type CellBox, labelBoxes } from "../scan/label-boxes.ts";
import { newSamples } from "../tiff/samples.ts";
import type { Finding, Region } from "./findings.ts";

/** A row of the catalogue with the boxes that it claims. */
export interface ClaimedBoxes {
  readonly region: Region;
  /** JSON: `{"CHANNEL": {"CELL": [z0, y0, x0, z1, y1, x1]}}`. */
  readonly boxes: string;
}

/** The labels of an image, when they have a voxel for each of its; else what is wrong with them. */
export async function openLabels(
  image: ImageDescription,
  array: ZarrArray,
): Promise<ImageSource | Finding> {
  const { labelsPath, shape } = image;
  const labels = await zarrSource(join(image.path, labelsPath ?? ""), {});
  const wanted = [...shape.slice(0, 4), 1].join(" x ");
  if (labels.shape.join(" x ") === wanted) return labels;
  const found = `${labels.shape.join(" x ")} (T Z Y X C)`;
  const reason = `labels are ${found}, and the image needs ${wanted}: they belong to other voxels`;
  const name = array.path.slice(join(image.path).length + 1);
  return { kind: "labels-shape", array: name, region: null, reason };
}

/** Labels where the image has no voxels: their chunks are missing. */
export async function labelsOutside(
  labels: ImageSource,
  name: string,
  { region, chunk }: Finding,
): Promise<Finding | null> {
  if (region === null) return null;
  const ids = await idsIn(labels, region);
  let numVoxels = 0;
  for (const id of ids) if (id !== 0) numVoxels += 1;
  if (numVoxels === 0) return null;
  const reason = `${numVoxels} voxels are labelled where chunk ${chunk?.join("/")} of the image is missing`;
  return { kind: "labels-outside", array: name, region, reason };
}

/** Compares the boxes of a row with those of the labels in its part of the image. */
export async function checkBoxes(
  labels: ImageSource,
  name: string,
  { region, boxes }: ClaimedBoxes,
): Promise<Finding | null> {
  const real = labelBoxes({
    labels: await idsIn(labels, region),
    shape: region.shape,
    from: [0, 0, 0, 0],
    size: region.shape,
  });
  const claimed = claimedBoxes(boxes);
  const why = claimed === null ? "its boxes are no JSON of boxes" : difference(claimed, real);
  return why === null ? null : { kind: "boxes", array: name, region, reason: why };
}

async function idsIn(labels: ImageSource, { origin, shape }: Region) {
  const ids = newSamples(
    labels.sampleType,
    shape.reduce((a, b) => a * b, 1),
  );
  await labels.read({ origin, shape }, ids, {});
  return ids;
}

function claimedBoxes(text: string): ReadonlyMap<string, readonly unknown[]> | null {
  try {
    const channels: unknown = JSON.parse(text);
    const cells = Object.values(Object(channels)).flatMap((boxes) => Object.entries(Object(boxes)));
    return new Map(cells.filter((cell): cell is [string, unknown[]] => Array.isArray(cell[1])));
  } catch {
    return null;
  }
}

function difference(
  claimed: ReadonlyMap<string, readonly unknown[]>,
  real: ReadonlyMap<number, CellBox>,
): string | null {
  const gone = [...claimed.keys()].filter((id) => !real.has(Number(id)));
  const unknown = [...real.keys()].filter((id) => !claimed.has(String(id)));
  const moved = [...real].filter(([id, box]) => {
    const other = claimed.get(String(id));
    return other !== undefined && other.map(Number).join() !== box.join();
  });
  const parts = [
    ...(gone.length > 0
      ? [`${gone.length} cells of mask_bbox_dict have no voxel (${some(gone)})`]
      : []),
    ...(unknown.length > 0
      ? [`${unknown.length} cells are not in mask_bbox_dict (${some(unknown)})`]
      : []),
    ...(moved.length > 0
      ? [
          `${moved.length} boxes are others, such as that of cell ${moved[0]?.[0]}: [${moved[0]?.[1]}] by its voxels, [${claimed.get(String(moved[0]?.[0]))}] in mask_bbox_dict`,
        ]
      : []),
  ];
  return parts.length === 0 ? null : parts.join("; ");
}

const some = (ids: readonly (string | number)[]) =>
  ids.length > 3 ? `${ids.slice(0, 3).join(", ")}, ...` : ids.join(", ");
