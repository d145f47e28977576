import { join } from "node:path";
import { type PictureColumn, percentileWindow, slicePicture } from "../../picture/index.ts";
import { DataError } from "../errors.ts";
import { zarrSource } from "../import/zarr-source.ts";
import { describeImage } from "../scan/describe-image.ts";
import { withFittingLabels } from "../scan/fitting-labels.ts";
import { newSamples } from "../tiff/samples.ts";
import { blockOf, boxesOf, centreOf, evenly } from "./channel-volume.ts";
import { voxelSizeOf } from "./voxel-size.ts";

type Four = readonly [t: number, z: number, y: number, x: number];

export interface ShowImageOptions {
  /** Where the block begins along T Z Y X; null: so that it is in the middle. */
  readonly at: Four | null;
  /** Its sizes; null: the whole image, or as much of its middle as memory is meant for. */
  readonly size: Four | null;
  readonly projection: "none" | "maximum";
  readonly drawsBoxes: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ShownImage {
  readonly png: Buffer;
  readonly origin: Four;
  readonly shape: Four;
  /** A sentence when the image has labels that are of other voxels, and are not drawn. */
  readonly whyNoLabels: string | null;
}

/** Voxels that are drawn at most, of all channels: a picture shows no more. */
const mostVoxels = 2 ** 26;
const mostColumns = 6;

/**
 * Draws a block of an image: its frames and channels side by side, its instances outlined.
 *
 * @throws ZarrError; {@link DataError} DATA_SHAPE for a block that is not in the image.
 */
export async function showImage(path: string, options: ShowImageOptions): Promise<ShownImage> {
  const { image, whyNoLabels } = await withFittingLabels(await describeImage(path));
  const { origin, shape } = blockIn(path, image.shape, options);
  await using voxels = await zarrSource(path, {});
  const C = image.shape[4];
  const count = shape.reduce((a, b) => a * b, 1);
  const read = newSamples(voxels.sampleType, count * C);
  const call = options.signal ? { signal: options.signal } : {};
  await voxels.read({ origin, shape }, read, call);
  let ids = null;
  if (image.labelsPath !== null) {
    await using labels = await zarrSource(join(path, image.labelsPath), {});
    ids = newSamples(labels.sampleType, count);
    await labels.read({ origin, shape }, ids, call);
  }
  const block = blockOf(read, [...shape, C], { order: "TCZYX", labels: ids });
  const frames = evenly(shape[0], Math.max(1, Math.floor(mostColumns / (ids ? 2 : 1) / C)));
  const channels = evenly(C, mostColumns);
  const name = (t: number, c: number) => {
    const channel = C > 1 ? `, channel ${c}` : "";
    return `Frame ${origin[0] + t}${channel}`;
  };
  const columns = frames.flatMap((t) =>
    channels.flatMap((c): PictureColumn[] => {
      const volume = block.volume(t, c);
      const window = percentileWindow(volume.voxels);
      const plain = { title: name(t, c), volume, window };
      const labels = block.labels(t);
      if (!labels) return [plain];
      const boxes = options.drawsBoxes ? { boxes: boxesOf(labels) } : {};
      return [plain, { ...plain, title: `${name(t, c)}: instances`, labels, ...boxes }];
    }),
  );
  const middle = block.labels(frames[frames.length >> 1] ?? 0);
  const numCells = middle === null ? null : boxesOf(middle).length;
  const [Z, Y, X] = shape.slice(1);
  const png = slicePicture({
    title: image.name,
    columns: columns.slice(0, mostColumns),
    voxelSize: voxelSizeOf(image.voxelUm),
    centre: centreOf(block.shape, middle),
    window: percentileWindow(read),
    projection: options.projection,
    caption: [
      `${path}: ${Z} x ${Y} x ${X} voxels from z ${origin[1]}, y ${origin[2]}, x ${origin[3]} of ${image.shape.slice(1, 4).join(" x ")} (Z Y X); ${image.array.dtype}.`,
      `Grey from the 0.5th to the 99.8th percentile of each column${numCells === null ? "." : `; ${numCells} instances in the frame shown.`}`,
    ],
  });
  return { png, origin, shape, whyNoLabels };
}

function blockIn(
  path: string,
  whole: readonly number[],
  { at, size }: Pick<ShowImageOptions, "at" | "size">,
): { readonly origin: Four; readonly shape: Four } {
  const shape = size ? [...size] : [whole[0], whole[1], whole[2], whole[3]].map((n) => n ?? 1);
  if (!size) {
    shape[0] = Math.min(shape[0] ?? 1, 4);
    const voxels = () => shape.reduce((a, b) => a * b, whole[4] ?? 1);
    while (voxels() > mostVoxels) {
      const widest = shape.indexOf(Math.max(...shape));
      shape[widest] = Math.ceil((shape[widest] ?? 1) / 2);
    }
  }
  const origin = at ? [...at] : shape.map((n, axis) => ((whole[axis] ?? 1) - n) >> 1);
  const fits = shape.every((n, axis) => (origin[axis] ?? 0) + n <= (whole[axis] ?? 1));
  const [t = 0, z = 0, y = 0, x = 0] = origin;
  const [T = 1, Z = 1, Y = 1, X = 1] = shape;
  if (fits && [t, z, y, x].every((start) => start >= 0)) {
    return { origin: [t, z, y, x], shape: [T, Z, Y, X] };
  }
  const message = `${path} is ${whole.slice(0, 4).join(" x ")} (T Z Y X); there is no block of ${shape.join(" x ")} at ${origin.join(", ")}`;
  throw new DataError("DATA_SHAPE", message, { hint: "Give --at and --size inside the image." });
}
