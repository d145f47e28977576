import { type Canvas, createCanvas } from "@napi-rs/canvas";
import { drawInstanceBox, drawInstances, drawOutline } from "./annotations.ts";
import { registerFonts } from "./fonts.ts";
import type { Window } from "./percentile-window.ts";
import type { PictureColumn, PictureContent } from "./picture-content.ts";
import { layOut, widthOf } from "./picture-layout.ts";
import { captionLines, drawCaption, drawScaleBars, drawTitles } from "./picture-text.ts";
import { maximumProjections, orthogonalSlices, type Slice } from "./slices.ts";
import type { Volume } from "./volume.ts";

/**
 * Orthogonal slices side by side, as a PNG: a row for each of XY, XZ and YZ through `centre` (XY alone
 * where all volumes are one plane), a column for each volume, lengths true to the voxel size, with a
 * scale bar and a caption.
 */
export function slicePicture(content: PictureContent): Buffer {
  registerFonts();
  const { columns, caption } = content;
  const isProjected = content.projection === "maximum";
  const isFlat = columns.every(({ volume }) => volume.shape[0] === 1);
  const cut = (column: PictureColumn, volume: Volume) => {
    const { voxelSize: edges = content.voxelSize.zyx, centre = content.centre } = column;
    const planes = isProjected
      ? maximumProjections(volume, edges)
      : orthogonalSlices(volume, edges, centre);
    return isFlat ? planes.slice(0, 1) : planes;
  };
  const slices = columns.map((column) => {
    const { volume, hidden } = column;
    return cut(column, isProjected && hidden ? withoutHidden(volume, hidden) : volume);
  });
  const lines = captionLines(caption, widthOf(columns.length));
  const layout = layOut(slices, lines.length);
  const canvas = createCanvas(layout.width, layout.height);
  const context = canvas.getContext("2d");
  context.fillStyle = paper;
  context.fillRect(0, 0, layout.width, layout.height);
  drawTitles(context, content, layout);
  layout.columns.forEach(({ x, boxes }, i) => {
    const column = columns[i];
    if (column === undefined) return;
    const hidden = column.hidden && !isProjected ? cut(column, column.hidden) : undefined;
    const labels = column.labels && cut(column, column.labels);
    slices[i]?.forEach((slice, row) => {
      const box = boxes[row];
      if (box === undefined) return;
      const tile = paint(slice, column.window ?? content.window, hidden?.[row]);
      const placed = { slice, x, ...box };
      context.imageSmoothingEnabled = false; // voxels are shown as they are
      context.drawImage(tile, x, box.y, box.width, box.height);
      if (content.outline !== undefined) {
        drawOutline(context, content.outline, placed);
      }
      const ids = labels?.[row];
      if (ids) drawInstances(context, ids, placed);
      for (const instance of column.boxes ?? []) {
        drawInstanceBox(context, instance, placed, isProjected);
      }
    });
  });
  drawScaleBars(context, layout, content.voxelSize);
  drawCaption(context, lines, layout);
  return canvas.toBuffer("image/png");
}

const paper = "#ffffff";
const hiddenGrey: readonly [number, number, number] = [112, 120, 135];

/** Hidden voxels are no numbers: the largest of the others shows, and grey where there is none. */
function withoutHidden({ voxels, shape }: Volume, hidden: Volume): Volume {
  const seen = Float32Array.from(voxels, (value, i) => (hidden.voxels[i] ? Number.NaN : value));
  return { voxels: seen, shape };
}

/** One slice at one pixel a voxel; the canvas scales it. */
function paint(slice: Slice, { black, white }: Window, hidden: Slice | undefined): Canvas {
  const { width, height, voxels } = slice;
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  voxels.forEach((value, i) => {
    const grey = Math.round((255 * (value - black)) / (white - black)); // clamped by the array
    const isHidden = Boolean(hidden?.voxels[i]) || Number.isNaN(value);
    const colour = isHidden ? hiddenGrey : [grey, grey, grey];
    image.data.set([...colour, 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}
