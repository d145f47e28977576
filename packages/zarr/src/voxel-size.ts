import { ZarrError } from "./errors.ts";
import type { Multiscales } from "./ngff.ts";
import { micrometresPer, secondsPer } from "./units.ts";

/**
 * The edges of a voxel along (z, y, x), in micrometres, at one of the image's scales. An image of
 * two axes has no z: its voxel is 1 high.
 *
 * @throws {@link ZarrError} NGFF_METADATA for a unit that is no length
 */
export function voxelSizeUm(
  { axes, datasets }: Multiscales,
  scaleIndex = 0,
): readonly [z: number, y: number, x: number] {
  const dataset = datasets[scaleIndex];
  const edge = (name: string) => {
    const axis = axes.findIndex((candidate) => candidate.name === name);
    const { unit = "micrometer" } = axes[axis] ?? {};
    const um = micrometresPer(unit);
    if (um !== undefined) return (dataset?.scale[axis] ?? 1) * um;
    const expected = "a unit of length that OME-Zarr lists, such as micrometer";
    throw new ZarrError("NGFF_METADATA", `expected ${expected}, found ${unit}`);
  };
  return [edge("z"), edge("y"), edge("x")];
}

/**
 * Seconds from one frame to the next, at one of the image's scales; null when the image does not
 * say: it has no time, or that has no unit, or none that OME-Zarr lists (such as "frame").
 */
export function frameIntervalS({ axes, datasets }: Multiscales, scaleIndex = 0): number | null {
  const axis = axes.findIndex(({ name }) => name === "t");
  const seconds = secondsPer(axes[axis]?.unit ?? "");
  const steps = datasets[scaleIndex]?.scale[axis];
  return seconds === undefined || steps === undefined ? null : steps * seconds;
}
