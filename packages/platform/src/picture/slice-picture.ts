import { type Canvas, createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import {
  type Box,
  drawInstanceBox,
  drawInstances,
  drawOutline,
  type PictureBox,
} from "./annotations.ts";
import { fontFamily, registerFonts } from "./fonts.ts";
import type { Window } from "./percentile-window.ts";
import { lengthLabel, scaleBarLength } from "./scale-bar.ts";
import { maximumProjections, orthogonalSlices, type Slice } from "./slices.ts";
import type { Volume, VoxelBox, VoxelSize } from "./volume.ts";

export interface PictureColumn {
  readonly title: string;
  readonly volume: Volume;
  /** Voxels that are not 0 here are drawn as a flat grey. */
  readonly hidden?: Volume;
  /** Ids of instances, which are outlined; 0 is background. */
  readonly labels?: Volume;
  readonly boxes?: readonly PictureBox[];
  /** In place of the picture's, for a volume in other units. */
  readonly window?: Window;
}

export interface PictureContent {
  readonly title: string;
  readonly columns: readonly PictureColumn[];
  readonly voxelSize: VoxelSize;
  /** The voxel that all three planes go through. */
  readonly centre: readonly [z: number, y: number, x: number];
  /** "maximum": the largest value along the third axis, in place of a plane. */
  readonly projection?: "none" | "maximum";
  /** A part of the volume that is outlined, such as what training did not see. */
  readonly outline?: VoxelBox;
  /** One window for all columns, so that they compare. */
  readonly window: Window;
  /** Lines under the slices. */
  readonly caption: readonly string[];
}

/**
 * Orthogonal slices side by side, as a PNG: a row for each of XY, XZ and YZ through `centre`, a
 * column for each volume, lengths true to the voxel size, with a scale bar and a caption.
 */
export function slicePicture(content: PictureContent): Buffer {
  registerFonts();
  const { columns } = content;
  const { zyx } = content.voxelSize;
  const isProjected = content.projection === "maximum";
  const cut = (volume: Volume) =>
    isProjected ? maximumProjections(volume, zyx) : orthogonalSlices(volume, zyx, content.centre);
  const slices = columns.map(({ volume, hidden }) =>
    cut(isProjected && hidden ? withoutHidden(volume, hidden) : volume),
  );
  const layout = layOut(slices[0] ?? [], content);
  const canvas = createCanvas(layout.width, layout.height);
  const context = canvas.getContext("2d");
  context.fillStyle = paper;
  context.fillRect(0, 0, layout.width, layout.height);
  drawTitles(context, content, layout);
  columns.forEach((column, i) => {
    const hidden = column.hidden && !isProjected ? cut(column.hidden) : undefined;
    const labels = column.labels && cut(column.labels);
    slices[i]?.forEach((slice, row) => {
      const box = layout.boxes[row];
      if (box === undefined) return;
      const tile = paint(slice, column.window ?? content.window, hidden?.[row]);
      const placed = { slice, x: layout.columnX(i), ...box };
      context.imageSmoothingEnabled = false; // voxels are shown as they are
      context.drawImage(tile, layout.columnX(i), box.y, box.width, box.height);
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
  drawScaleBar(context, layout, content.voxelSize);
  drawCaption(context, content.caption, layout);
  return canvas.toBuffer("image/png");
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly pixelsPerUnit: number;
  readonly trueWidth: number;
  readonly boxes: readonly Box[];
  readonly captionY: number;
  columnX(column: number): number;
}

const paper = "#ffffff";
const ink = "#1a202c";
const faintInk = "#5a6475";
const hiddenGrey: readonly [number, number, number] = [112, 120, 135];
const margin = 24;
const gap = 12;
const rowLabelWidth = 74;
const titleHeight = 86;
const captionLine = 21;
const columnPixels = 352;

function layOut(slices: readonly Slice[], { columns, caption }: PictureContent): Layout {
  const trueWidth = Math.max(...slices.map((slice) => slice.trueWidth));
  const pixelsPerUnit = columnPixels / trueWidth;
  let y = titleHeight;
  const boxes = slices.map(({ plane, at, trueWidth, trueHeight }) => {
    const box = {
      plane,
      at,
      y,
      width: Math.max(1, Math.round(trueWidth * pixelsPerUnit)),
      height: Math.max(1, Math.round(trueHeight * pixelsPerUnit)),
    };
    y += box.height + gap;
    return box;
  });
  const columnX = (column: number) => margin + rowLabelWidth + column * (columnPixels + gap);
  return {
    width: columnX(columns.length) - gap + margin,
    height: y + gap + caption.length * captionLine + margin,
    pixelsPerUnit,
    trueWidth,
    boxes,
    captionY: y + gap,
    columnX,
  };
}

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

function drawTitles(
  context: SKRSContext2D,
  { title, columns, projection }: PictureContent,
  layout: Layout,
) {
  context.fillStyle = ink;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.font = `bold 18px "${fontFamily}"`;
  context.fillText(title, margin, margin + 16, layout.width - 2 * margin);
  context.font = `bold 15px "${fontFamily}"`;
  columns.forEach((column, i) => {
    context.fillText(column.title, layout.columnX(i), titleHeight - 10, columnPixels);
  });
  for (const { plane, at, y, height } of layout.boxes) {
    const across = { XY: "z", XZ: "y", YZ: "x" }[plane];
    context.fillStyle = ink;
    context.font = `bold 15px "${fontFamily}"`;
    context.fillText(plane, margin, y + height / 2);
    context.fillStyle = faintInk;
    context.font = `13px "${fontFamily}"`;
    const which = projection === "maximum" ? `max of ${across}` : `${across} = ${at}`;
    context.fillText(which, margin, y + height / 2 + 18);
  }
}

function drawScaleBar(
  context: SKRSContext2D,
  { boxes, trueWidth, pixelsPerUnit, columnX }: Layout,
  { unit }: VoxelSize,
) {
  const [box] = boxes;
  if (box === undefined) return;
  const barLength = scaleBarLength(trueWidth);
  const length = barLength * pixelsPerUnit;
  context.font = `bold 14px "${fontFamily}"`;
  context.textAlign = "center";
  const label = lengthLabel(barLength, unit);
  const half = Math.max(length, context.measureText(label).width) / 2 + 8;
  const [x, y] = [columnX(0) + box.width - half - 6, box.y + box.height - 18]; // middle of the bar
  context.fillStyle = "rgba(0, 0, 0, 0.55)"; // legible on bright voxels too
  context.fillRect(x - half, y - 24, 2 * half, 36);
  context.fillStyle = "#ffffff";
  context.fillRect(x - length / 2, y, length, 4);
  context.fillText(label, x, y - 7);
  context.textAlign = "left";
}

function drawCaption(context: SKRSContext2D, caption: readonly string[], layout: Layout) {
  context.fillStyle = ink;
  context.font = `14px "${fontFamily}"`;
  caption.forEach((line, i) => {
    context.fillText(
      line,
      margin,
      layout.captionY + 14 + i * captionLine,
      layout.width - 2 * margin,
    );
  });
}
