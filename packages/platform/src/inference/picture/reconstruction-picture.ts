import { type Canvas, createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import { fontFamily, registerFonts } from "./fonts.ts";
import { lengthLabel, scaleBarUm } from "./scale-bar.ts";
import { orthogonalSlices, type Plane, type Slice } from "./slices.ts";
import type { Volume, VoxelSizeUm } from "./volume.ts";
import type { Window } from "./window.ts";

export interface PictureColumn {
  readonly title: string;
  readonly volume: Volume;
  /** Voxels that are not 0 here are drawn as a flat grey. */
  readonly hidden?: Volume;
}

export interface PictureContent {
  readonly title: string;
  readonly columns: readonly PictureColumn[];
  readonly voxelSizeUm: VoxelSizeUm;
  /** One window for all columns, so that they compare. */
  readonly window: Window;
  /** Lines under the slices. */
  readonly caption: readonly string[];
}

/**
 * Orthogonal slices side by side, as a PNG: a row for each of XY, XZ and YZ through the middle, a
 * column for each volume, lengths true to the voxel size, with a scale bar and a caption.
 */
export function reconstructionPicture(content: PictureContent): Buffer {
  registerFonts();
  const { columns, voxelSizeUm } = content;
  const slices = columns.map(({ volume }) => orthogonalSlices(volume, voxelSizeUm));
  const layout = layOut(slices[0] ?? [], content);
  const canvas = createCanvas(layout.width, layout.height);
  const context = canvas.getContext("2d");
  context.fillStyle = paper;
  context.fillRect(0, 0, layout.width, layout.height);
  drawTitles(context, content, layout);
  columns.forEach((column, i) => {
    const hidden = column.hidden && orthogonalSlices(column.hidden, voxelSizeUm);
    slices[i]?.forEach((slice, row) => {
      const box = layout.boxes[row];
      if (box === undefined) return;
      const tile = paint(slice, content.window, hidden?.[row]);
      context.imageSmoothingEnabled = false; // voxels are shown as they are
      context.drawImage(tile, layout.columnX(i), box.y, box.width, box.height);
    });
  });
  drawScaleBar(context, layout);
  drawCaption(context, content.caption, layout);
  return canvas.toBuffer("image/png");
}

interface Box {
  readonly plane: Plane;
  readonly at: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly pixelsPerUm: number;
  readonly widthUm: number;
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
  const widthUm = Math.max(...slices.map((slice) => slice.widthUm));
  const pixelsPerUm = columnPixels / widthUm;
  let y = titleHeight;
  const boxes = slices.map(({ plane, at, widthUm, heightUm }) => {
    const box = {
      plane,
      at,
      y,
      width: Math.max(1, Math.round(widthUm * pixelsPerUm)),
      height: Math.max(1, Math.round(heightUm * pixelsPerUm)),
    };
    y += box.height + gap;
    return box;
  });
  const columnX = (column: number) => margin + rowLabelWidth + column * (columnPixels + gap);
  return {
    width: columnX(columns.length) - gap + margin,
    height: y + gap + caption.length * captionLine + margin,
    pixelsPerUm,
    widthUm,
    boxes,
    captionY: y + gap,
    columnX,
  };
}

/** One slice at one pixel a voxel; the canvas scales it. */
function paint(slice: Slice, { black, white }: Window, hidden: Slice | undefined): Canvas {
  const { width, height, voxels } = slice;
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  voxels.forEach((value, i) => {
    const grey = Math.round((255 * (value - black)) / (white - black)); // clamped by the array
    const colour = hidden?.voxels[i] ? hiddenGrey : [grey, grey, grey];
    image.data.set([...colour, 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

function drawTitles(context: SKRSContext2D, { title, columns }: PictureContent, layout: Layout) {
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
    context.fillText(`${across} = ${at}`, margin, y + height / 2 + 18);
  }
}

function drawScaleBar(context: SKRSContext2D, { boxes, widthUm, pixelsPerUm, columnX }: Layout) {
  const [box] = boxes;
  if (box === undefined) return;
  const um = scaleBarUm(widthUm);
  const length = um * pixelsPerUm;
  const [x, y] = [columnX(0) + box.width - length - 14, box.y + box.height - 18];
  context.font = `bold 14px "${fontFamily}"`;
  context.textAlign = "center";
  context.fillStyle = "rgba(0, 0, 0, 0.55)"; // legible on bright voxels too
  context.fillRect(x - 8, y - 24, length + 16, 36);
  context.fillStyle = "#ffffff";
  context.fillRect(x, y, length, 4);
  context.fillText(lengthLabel(um), x + length / 2, y - 7);
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
