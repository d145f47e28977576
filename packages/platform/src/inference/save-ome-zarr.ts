import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createArray, writeMultiscales } from "@cell-observatory/zarr";
import type { InferenceConfig } from "../config/index.ts";
import type { VoxelSize } from "../picture/index.ts";
import { temporaryName } from "../telemetry/index.ts";
import type { RebuiltVolume } from "./rebuilt-volume.ts";

export interface SaveOmeZarrOptions
  extends Pick<InferenceConfig, "zarr_chunk_shape" | "zarr_shard_shape"> {
  readonly path: string;
  readonly voxelSize: VoxelSize;
  readonly name: string;
}

/** What becomes of each channel of the input, in the order of the file's channels. */
const parts = ["input", "masked", "reconstruction"] as const;

/**
 * Writes a rebuilt volume as an OME-Zarr image (NGFF 0.5), axes T C Z Y X, float32 counts: for each
 * channel of the input its original, its masked version (0 where hidden) and its reconstruction; NaN
 * in all three where nothing was measured.
 * An image that is there is replaced once the new one is whole; where that fails, it is kept.
 */
export async function saveOmeZarr(
  volume: RebuiltVolume,
  { path, voxelSize, name, zarr_chunk_shape, zarr_shard_shape }: SaveOmeZarrOptions,
): Promise<void> {
  const [T, Z, Y, X, C] = volume.shape;
  const id = crypto.randomUUID().slice(0, 8);
  const [temporary, old] = [temporaryName(`${path}.${id}`), `${path}.old-${id}`];
  const shape = [T, parts.length * C, Z, Y, X];
  const chunkShape = [1, 1, ...fit(zarr_chunk_shape, [Z, Y, X])];
  const shardShape =
    zarr_shard_shape === null ? undefined : [1, 1, ...fitShard(zarr_shard_shape, chunkShape)];
  try {
    const array = await createArray(join(temporary, "0"), {
      shape,
      chunkShape,
      ...(shardShape && { shardShape }),
      dtype: "float32",
      dimensionNames: ["t", "c", "z", "y", "x"],
    });
    for (let t = 0; t < T; t++) {
      for (let c = 0; c < C; c++) {
        for (const [i, part] of parts.entries()) {
          const { voxels } = volume.channel(volume[part], c, t);
          const origin = [t, parts.length * c + i, 0, 0, 0];
          await array.write(voxels, { origin, shape: [1, 1, Z, Y, X] });
        }
      }
    }
    const unit = voxelSize.unit === "micrometre" ? { unit: "micrometer" } : {};
    await writeMultiscales(temporary, {
      version: "0.5",
      name,
      axes: [
        { name: "t", type: "time" },
        { name: "c", type: "channel" },
        ...["z", "y", "x"].map((axis) => ({ name: axis, type: "space" as const, ...unit })),
      ],
      datasets: [
        {
          path: "0",
          scale: [1, 1, ...voxelSize.zyx],
          translation: [
            volume.origin[0],
            0,
            ...voxelSize.zyx.map((edge, axis) => edge * (volume.origin[axis + 1] ?? 0)),
          ],
        },
      ],
      channelNames: Array.from({ length: C }, (_, c) =>
        parts.map((part) => (C === 1 ? part : `${part} ${c}`)),
      ).flat(),
    });
    if (existsSync(path)) await rename(path, old);
    await rename(temporary, path);
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    if (existsSync(old) && !existsSync(path)) await rename(old, path).catch(() => {});
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Chunks no larger than the image. */
function fit(edges: readonly number[], sizes: readonly number[]): readonly number[] {
  return sizes.map((size, axis) => Math.min(size, edges[axis] ?? size));
}

/** Shards are whole numbers of chunks. */
function fitShard(edges: readonly number[], chunkShape: readonly number[]): readonly number[] {
  return [0, 1, 2].map((axis) => {
    const chunk = chunkShape[axis + 2] ?? 1;
    return chunk * Math.max(1, Math.floor((edges[axis] ?? chunk) / chunk));
  });
}
