import type { ZarrArray } from "@cell-observatory/zarr";
import type { VoxelBox } from "../batch.ts";
import type { Origin, Sample } from "../sample.ts";
import { checkedDtype, type VoxelArray, type VoxelDtype } from "../voxels.ts";
import { apart, type ChannelPlan, type ChannelRun } from "./channels.ts";
import { addCounts, noCounts, type SourceCounts } from "./counts.ts";
import { isNothing, judge } from "./judge.ts";
import { fillBoxes, pad } from "./padding.ts";
import { boxOf, type Placement, placement } from "./placement.ts";
import { type ReadPlacementOptions, readPlacement } from "./read-placement.ts";
import { type NumberArray, tailOf, widen } from "./widen.ts";

/** Which part of an image is a sample, and which of its channels. */
export interface Measured {
  readonly origin: Origin;
  /** How far the image reaches in the sample. */
  readonly size: Origin;
  readonly plan: ChannelPlan;
}

/** What was read, and the parts of the sample that could not be. */
export interface Read {
  readonly counts: SourceCounts;
  readonly unread: readonly VoxelBox[];
}

interface Into {
  /** All of it is written. */
  readonly target: VoxelArray;
  /** Its sizes along T Z Y X C. */
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  readonly dtype: VoxelDtype;
}

const memoryOf = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  float32: Float32Array,
} as const satisfies Record<VoxelDtype, unknown>;

/**
 * Reads the voxels of a sample, then pads them: nothing is written to the target any more once it
 * has returned. Voxels of a smaller type are read into the target's own memory, and widened there.
 *
 * @throws {@link DataError} DATA_DTYPE, DATA_SHAPE; DATA_CHUNK when nothing of a channel is there.
 */
export async function readImage(
  array: ZarrArray,
  sample: Sample,
  { origin, size, plan }: Measured,
  { target, shape, dtype }: Into,
  how: ReadPlacementOptions,
): Promise<Read> {
  const { axes } = sample.record;
  const found = checkedDtype(array.path, array.dtype, dtype);
  const memory = found === dtype ? target : tailOf<NumberArray>(target, memoryOf[found]);
  const read = async (channels: ChannelRun, options: ReadPlacementOptions) => {
    const place = placement(array, axes, { origin, size, channels }, shape);
    return await readPlacement(array, memory, place, options);
  };
  const reads = await allOf(plan.runs.map((run) => read(run, how)));
  const counts = { ...noCounts };
  const unread: VoxelBox[] = [];
  for (const [i, part] of reads.entries()) {
    addCounts(counts, part.counts);
    const run = plan.runs[i];
    const lost = [...part.unread, ...(run ? await judgeChannels(run, part.counts) : [])];
    unread.push(...lost.map((one) => boxOf(one, axes, origin)));
  }
  if (memory !== target) widen(memory as NumberArray, target);
  fillBoxes(target, shape, unread, 0);
  pad(target, shape, size, plan.numValid);
  return { counts, unread };

  /**
   * Channels that are read together are looked at one by one when so much is missing of them: what
   * could not be read then, whose memory is as it may be.
   */
  async function judgeChannels(run: ChannelRun, of: SourceCounts): Promise<readonly Placement[]> {
    if (isNothing(of)) judge(array.path, of, nameOf(run, plan.numValid));
    const parts = apart(run, array.chunkShape[axes.indexOf("C")] ?? 1);
    if ((of.missingChunks + of.unreadChunks) * parts.length < of.chunks) return [];
    if (parts.length === 1) return [];
    const { signal } = how;
    const options = { missingChunks: "fill", unreadable: how.unreadable, signal } as const;
    const lost: Placement[] = [];
    for (const part of parts) {
      const again = await read(part, options);
      judge(array.path, again.counts, nameOf(part, plan.numValid));
      lost.push(...again.unread);
    }
    return lost;
  }
}

/** "of channel 1 ", "of channels 0 to 2 "; nothing when there are no others. */
function nameOf({ first, count }: ChannelRun, numChannels: number): string {
  if (count === numChannels) return "";
  return count === 1 ? `of channel ${first} ` : `of channels ${first} to ${first + count - 1} `;
}

/** All are waited for, whatever becomes of one: they write to memory of the caller. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
