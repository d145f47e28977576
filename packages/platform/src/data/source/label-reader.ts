import type { ZarrArray } from "@cell-observatory/zarr";
import { DataError, imageAxes, shapeAlong } from "../../images/index.ts";
import type { VoxelBox } from "../batch.ts";
import { labelsFolder, type Sample } from "../sample.ts";
import type { Measured, Read } from "./image-reader.ts";
import { InstanceClasses } from "./instance-classes.ts";
import { judge } from "./judge.ts";
import { copyLabels, labelMemory, refuseNegative } from "./labels.ts";
import { fillBoxes, paddingBoxes } from "./padding.ts";
import { boxOf, placement } from "./placement.ts";
import { type ReadPlacementOptions, readPlacement } from "./read-placement.ts";

interface LabelsRead extends Read {
  readonly path: string;
  readonly classOf: (id: number) => number;
}

/** Reads the instance labels of samples: from a channel of the image, or from an array beside it. */
export class LabelReader {
  readonly #open: (path: string, signal: AbortSignal | undefined) => Promise<ZarrArray>;
  readonly #classes = new InstanceClasses();

  constructor(open: (path: string, signal: AbortSignal | undefined) => Promise<ZarrArray>) {
    this.#open = open;
  }

  /**
   * Writes the labels of a sample, [T Z Y X]: -1 in padding, where they cannot be read, and in
   * `ignored`, the parts that the image lacks.
   *
   * @throws {@link DataError} DATA_LABELS when there are none, or none for each voxel of the image.
   */
  async read(
    sample: Sample,
    image: ZarrArray,
    { origin, size, plan }: Measured,
    { map, cubeShape, ignored }: LabelsInto,
    how: ReadPlacementOptions,
  ): Promise<LabelsRead> {
    const { record } = sample;
    const folder = plan.labels === null ? labelsFolder(record) : null;
    const { array, axes } = await this.#arrayOf(folder, image, record.axes, how.signal);
    const channels = { first: plan.labels ?? 0, count: 1, at: 0 };
    const shape = [...cubeShape, 1] as const;
    const place = placement(array, axes, { origin, size, channels }, shape);
    const memory = labelMemory(array, map);
    const read = await readPlacement(array, memory, place, how);
    // Background is often not written: labels that are nowhere on disk are no fault of a sample.
    judge(array.path, { ...read.counts, missingChunks: 0 });
    const unread = read.unread.map((part) => boxOf(part, axes, origin));
    const unknown = [...paddingBoxes(shape, size), ...ignored, ...unread];
    copyLabels(memory, map);
    fillBoxes(map, shape, unknown, 0); // what was there before is no label of this sample
    refuseNegative(array.path, map, memory);
    fillBoxes(map, shape, unknown, -1);
    const { missingChunks: missingLabelChunks, ...others } = read.counts;
    const counts = { ...others, missingChunks: 0, missingLabelChunks };
    const classOf = folder === null ? () => 0 : await this.#classes.of(folder);
    return { path: array.path, counts, unread, classOf };
  }

  async #arrayOf(
    folder: string | null,
    image: ZarrArray,
    axes: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly array: ZarrArray; readonly axes: string }> {
    if (folder === null) return { array: image, axes };
    const open = (path: string) => this.#open(path, signal);
    const labels = await this.#classes.labelArray(folder, open, signal);
    checkFit(labels, { array: image, axes });
    return labels;
  }
}

interface LabelsInto {
  readonly map: Int32Array;
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  readonly ignored: readonly VoxelBox[];
}

interface Axed {
  readonly array: ZarrArray;
  readonly axes: string;
}

/** Labels of another shape lie elsewhere than the voxels at the same numbers. */
function checkFit(labels: Axed, image: Axed): void {
  const found = shapeAlong(labels.array.shape, labels.axes, imageAxes);
  const wanted = [...shapeAlong(image.array.shape, image.axes, imageAxes).slice(0, 4), 1];
  if (found.join() === wanted.join()) return;
  const sizes = `is ${found.join(" x ")} (T Z Y X C), but its image asks for ${wanted.join(" x ")}`;
  throw new DataError("DATA_LABELS", `${labels.array.path} ${sizes}`, {
    hint: "Write labels at the image's full size, one number for each of its voxels.",
  });
}
