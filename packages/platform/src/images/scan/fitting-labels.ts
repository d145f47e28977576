import { join } from "node:path";
import { imageAxes, shapeAlong } from "../axes.ts";
import { openOmeZarr } from "../import/ome-zarr.ts";
import type { ImageDescription } from "./describe-image.ts";

/**
 * An image without its labels when they do not have a voxel for each of its: they belong to others,
 * and nobody may train on them. `whyNoLabels` is then a sentence.
 */
export async function withFittingLabels(
  image: ImageDescription,
): Promise<{ readonly image: ImageDescription; readonly whyNoLabels: string | null }> {
  const { path, labelsPath, shape } = image;
  if (labelsPath === null) return { image, whyNoLabels: null };
  const { array, axes } = await openOmeZarr(join(path, labelsPath));
  const found = shapeAlong(array.shape, axes, imageAxes).join(" x ");
  const wanted = [...shape.slice(0, 4), 1].join(" x ");
  if (found === wanted) return { image, whyNoLabels: null };
  const whyNoLabels = `${labelsPath} is ${found} (T Z Y X C), and the image needs ${wanted}`;
  return { image: { ...image, labelsPath: null }, whyNoLabels };
}
