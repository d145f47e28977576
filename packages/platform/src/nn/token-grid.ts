import type { Layout } from "../config/index.ts";
import { PatchShapeError } from "./patch-shape-error.ts";

/** What an input looks like; the YAML's keys. */
export interface TokenGridConfig {
  /** Names of the axes, slowest first, the channel last. */
  readonly input_fmt: Layout;
  /** Size along each axis, in voxels. */
  readonly input_shape: readonly number[];
  /** Voxels in a patch, along the same axes without the channel. */
  readonly patch_shape: readonly number[];
}

/**
 * How an input is cut into patches, each of which becomes a token. Layouts differ in nothing else:
 * whatever depends on the axes takes a grid and loops over it.
 */
export interface TokenGrid {
  /** The axes without the channel, slowest first: of "T", "Z", "Y", "X". */
  readonly axes: readonly string[];
  /** Voxels along each axis of the input. */
  readonly sizes: readonly number[];
  /** Voxels along each axis of a patch. */
  readonly patchShape: readonly number[];
  /** Patches along each axis. */
  readonly counts: readonly number[];
  readonly channels: number;
  /** Patches in all: N. */
  readonly numTokens: number;
  /** Voxels in a patch, channels counted: P. */
  readonly patchVoxels: number;
}

/** @throws {@link PatchShapeError} when a list has another length, or an axis does not divide. */
export function tokenGrid({ input_fmt, input_shape, patch_shape }: TokenGridConfig): TokenGrid {
  const axes = [...input_fmt].slice(0, -1);
  const sizes = input_shape.slice(0, -1);
  const channels = input_shape[axes.length] ?? 0;
  if (input_shape.length !== axes.length + 1 || patch_shape.length !== axes.length) {
    throw new PatchShapeError(
      `${input_fmt} has ${axes.length} axes and a channel: expected input_shape of ` +
        `${axes.length + 1} sizes and patch_shape of ${axes.length}, ` +
        `got [${input_shape.join(", ")}] and [${patch_shape.join(", ")}]`,
    );
  }
  const counts = sizes.map((size, a) => size / (patch_shape[a] ?? 1));
  const bad = counts.findIndex((count) => !Number.isInteger(count) || count < 1);
  if (bad >= 0) {
    throw new PatchShapeError(
      `input_shape [${input_shape.join(", ")}] does not divide into patches of ` +
        `[${patch_shape.join(", ")}]: axis ${axes[bad]} has ${sizes[bad]} voxels, ` +
        `expected a multiple of ${patch_shape[bad]}`,
    );
  }
  const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);
  return {
    axes,
    sizes,
    patchShape: patch_shape,
    counts,
    channels,
    numTokens: product(counts),
    patchVoxels: product(patch_shape) * channels,
  };
}
