import type { PictureBox } from "../../picture/index.ts";
import type { SampleTargets } from "../batch.ts";

/** The boxes of a frame as a batch has them; `zyxzyx`, in voxels. */
export function boxesOfTargets(
  { ids, boxes, isPresent }: Pick<SampleTargets, "ids" | "boxes" | "isPresent">,
  t: number,
): readonly PictureBox[] {
  const N = ids.length;
  const corners = boxes.subarray(6 * t * N, 6 * (t + 1) * N);
  return Array.from(ids, (id, n) => ({ id, n }))
    .filter(({ n }) => isPresent[t * N + n] === 1)
    .map(({ id, n }) => {
      const [z0 = 0, y0 = 0, x0 = 0, z1 = 0, y1 = 0, x1 = 0] = corners.subarray(6 * n, 6 * n + 6);
      return { id, from: [z0, y0, x0], to: [z1, y1, x1] };
    });
}
