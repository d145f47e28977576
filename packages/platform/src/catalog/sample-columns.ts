import { boxesOfTargets, type SampleTargets } from "../data/index.ts";
import { boxesOf, evenly, type ShownBlock } from "../images/index.ts";
import { type PictureColumn, percentileWindow, type Volume } from "../picture/index.ts";
import type { SeenBlocks } from "./seen-blocks.ts";
import type { Boxed, SeenRow } from "./seen-row.ts";

export interface SampleColumns {
  /** What was read, with its labels. */
  readonly read: ShownBlock;
  /** The frame of the image that is the first of what was read. */
  readonly firstFrame: number;
  /** How many frames were measured; the rest is padding. */
  readonly numMeasured: number;
  /** What is to be found in what was read; null: the batch has no labels. */
  readonly objects: SampleTargets | null;
  readonly seen: SeenRow;
  readonly blocks: SeenBlocks;
  /** Where what the model sees is cut, and how large its voxels are. */
  readonly cut: Required<Pick<PictureColumn, "voxelSize" | "centre">>;
  readonly drawsBoxes: boolean;
}

/** A frame and a channel of what was read. */
interface Shown {
  readonly t: number;
  readonly c: number;
}

const mostColumns = 6;

/** The frames of a row that are drawn, of those that were measured. */
export const shownFrames = (numMeasured: number, numChannels: number): readonly number[] =>
  evenly(numMeasured, Math.max(1, Math.floor(mostColumns / 2 / numChannels)));

/**
 * A few frames and channels: for each, what was read, what transforms made of it (where there is but
 * one, and something would hide it), what the model sees of that, and what it is to predict.
 */
export function sampleColumns(sample: SampleColumns): readonly PictureColumn[] {
  const [, , , , C] = sample.read.shape;
  const pairs = shownFrames(sample.numMeasured, C).flatMap((t) =>
    evenly(C, mostColumns).map((c): Shown => ({ t, c })),
  );
  const isAlone = pairs.length === 1;
  const columns = pairs
    .slice(0, mostColumns / 2)
    .flatMap((pair) => columnsOf(sample, pair, isAlone));
  return columns.slice(0, mostColumns);
}

function columnsOf(
  sample: SampleColumns,
  { t, c }: Shown,
  isAlone: boolean,
): readonly PictureColumn[] {
  const { read, seen, blocks, objects, cut, drawsBoxes } = sample;
  const { image, target, hidden, hiddenPart } = blocks;
  const areInstances = seen.whatLabels === "instances";
  const isOutlined = seen.labels !== null && areInstances;
  const given = { ...windowed(channel(image, t, c)), ...cut };
  return [
    {
      title: `As read${placeOf(sample, { t, c })}`,
      ...windowed(read.volume(t, c)),
      ...instances(read, t, objects, drawsBoxes),
    },
    ...(isAlone && (hidden || isOutlined) ? [{ title: "After transforms", ...given }] : []),
    {
      title: `As the model sees it${hidden ? `: ${Math.round(100 * hiddenPart)} % hidden` : ""}`,
      ...given,
      ...(hidden && { hidden: hidden.volume(t, 0) }),
      ...(isOutlined && instances(image, t, seen.objects, drawsBoxes)),
    },
    ...(target ? [{ title: "To predict", ...windowed(channel(target, t, c)), ...cut }] : []),
    ...(areInstances ? [] : [{ title: "Classes", ...given, ...instances(image, t, null, false) }]),
  ];
}

/** Which frame and channel of the image it is, where there are several. */
function placeOf({ read, firstFrame }: SampleColumns, { t, c }: Shown): string {
  const [T, , , , C] = read.shape;
  return `${T > 1 ? `, frame ${firstFrame + t}` : ""}${C > 1 ? `, channel ${c}` : ""}`;
}

/** A channel, or the last where transforms left fewer than were read. */
const channel = (block: ShownBlock, t: number, c: number) =>
  block.volume(t, Math.min(c, block.shape[4] - 1));

const windowed = (volume: Volume) => ({ volume, window: percentileWindow(volume.voxels) });

/** Outlines of a frame's labels, and the boxes that the batch has, or else tight ones. */
function instances(block: ShownBlock, t: number, objects: Boxed | null, drawsBoxes: boolean) {
  const labels = block.labels(t);
  if (!labels) return {};
  if (!drawsBoxes) return { labels };
  return { labels, boxes: objects ? boxesOfTargets(objects, t) : boxesOf(labels) };
}
