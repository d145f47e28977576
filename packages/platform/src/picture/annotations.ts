import type { SKRSContext2D } from "@napi-rs/canvas";
import { instanceColour, outlineOf } from "./outlines.ts";
import { type Plane, planeAcross, planeAxes, type Slice } from "./slices.ts";
import type { VoxelBox } from "./volume.ts";

/** Where a plane stands in the picture, in pixels. */
export interface Box {
  readonly plane: Plane;
  readonly at: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The box of an instance, in its colour. */
export interface PictureBox extends VoxelBox {
  readonly id: number;
}

export interface Placed extends Box {
  readonly slice: Slice;
  readonly x: number;
}

/** A dashed line around the part of a plane that lies in the box; none where the plane misses it. */
export function drawOutline(
  context: SKRSContext2D,
  { from, to }: VoxelBox,
  { plane, at, slice, x, y, width, height }: Placed,
) {
  const [right, down] = planeAxes[plane];
  const across = planeAcross[plane];
  if (at < from[across] || at >= to[across]) return;
  const [byX, byY] = [width / slice.width, height / slice.height];
  context.strokeStyle = "#f2c14e";
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  context.strokeRect(
    x + from[right] * byX + 0.75,
    y + from[down] * byY + 0.75,
    (to[right] - from[right]) * byX - 1.5,
    (to[down] - from[down]) * byY - 1.5,
  );
  context.setLineDash([]);
}

/** A line around every instance of a plane, along the edges of its voxels. */
export function drawInstances(
  context: SKRSContext2D,
  ids: Slice,
  { slice, x, y, width, height }: Placed,
) {
  const [byX, byY] = [width / slice.width, height / slice.height];
  for (const { id, edges } of outlineOf(ids)) {
    context.beginPath();
    for (const [x0, y0, x1, y1] of edges) {
      context.moveTo(x + x0 * byX, y + y0 * byY);
      context.lineTo(x + x1 * byX, y + y1 * byY);
    }
    strokeTwice(context, instanceColour(id), 1.6);
  }
}

/** A rectangle where the plane goes through a box; in a projection, all of them. */
export function drawInstanceBox(
  context: SKRSContext2D,
  { id, from, to }: PictureBox,
  { plane, at, slice, x, y, width, height }: Placed,
  isProjected: boolean,
) {
  const [right, down] = planeAxes[plane];
  const across = planeAcross[plane];
  if (!isProjected && (at < from[across] || at >= to[across])) return;
  const [byX, byY] = [width / slice.width, height / slice.height];
  context.beginPath();
  context.rect(
    x + from[right] * byX,
    y + from[down] * byY,
    (to[right] - from[right]) * byX,
    (to[down] - from[down]) * byY,
  );
  context.setLineDash([5, 3]);
  strokeTwice(context, instanceColour(id), 1.2);
  context.setLineDash([]);
}

/** A dark seam under a line keeps it legible on bright voxels. */
function strokeTwice(context: SKRSContext2D, colour: string, width: number) {
  context.strokeStyle = "rgba(0, 0, 0, 0.6)";
  context.lineWidth = width + 1.4;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}
