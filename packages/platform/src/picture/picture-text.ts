import { createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import { fontFamily } from "./fonts.ts";
import type { PictureContent } from "./picture-content.ts";
import {
  type ColumnLayout,
  captionLine,
  columnPixels,
  type Layout,
  margin,
  titleHeight,
} from "./picture-layout.ts";
import { lengthLabel, scaleBarLength } from "./scale-bar.ts";
import type { VoxelSize } from "./volume.ts";

const ink = "#1a202c";
const faintInk = "#5a6475";
const captionFont = `14px "${fontFamily}"`;

/** The lines of a caption, those that are too wide for the picture cut at their words. */
export function captionLines(caption: readonly string[], width: number): readonly string[] {
  const context = createCanvas(1, 1).getContext("2d");
  context.font = captionFont;
  const fits = (text: string) => context.measureText(text).width <= width - 2 * margin;
  return caption.flatMap((line) => {
    const lines: string[] = [];
    for (const word of line.split(" ")) {
      const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
      if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  });
}

export function drawTitles(
  context: SKRSContext2D,
  { title, columns, projection }: Pick<PictureContent, "title" | "columns" | "projection">,
  layout: Layout,
) {
  context.fillStyle = ink;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.font = `bold 18px "${fontFamily}"`;
  context.fillText(title, margin, margin + 16, layout.width - 2 * margin);
  context.font = `bold 15px "${fontFamily}"`;
  layout.columns.forEach(({ x }, i) => {
    context.fillText(columns[i]?.title ?? "", x, titleHeight - 10, columnPixels);
  });
  layout.rows.forEach(({ middle }, row) => {
    const boxes = layout.columns.flatMap(({ boxes }) => boxes[row] ?? []);
    const [{ plane } = { plane: "XY" as const }] = boxes;
    const across = { XY: "z", XZ: "y", YZ: "x" }[plane];
    const places = [...new Set(boxes.map(({ at }) => at))].join(", "); // of columns that differ
    context.fillStyle = ink;
    context.font = `bold 15px "${fontFamily}"`;
    context.fillText(plane, margin, middle);
    context.fillStyle = faintInk;
    context.font = `13px "${fontFamily}"`;
    const which = projection === "maximum" ? `max of ${across}` : `${across} = ${places}`;
    context.fillText(which, margin, middle + 18);
  });
}

/** One for all columns that are drawn to one scale, in the first of them. */
export function drawScaleBars(context: SKRSContext2D, { columns }: Layout, voxelSize: VoxelSize) {
  columns.forEach((column, i) => {
    const isFirst = columns.findIndex(({ trueWidth }) => trueWidth === column.trueWidth) === i;
    if (isFirst) drawScaleBar(context, column, voxelSize);
  });
}

function drawScaleBar(
  context: SKRSContext2D,
  { boxes: [box], trueWidth, pixelsPerUnit, x: left }: ColumnLayout,
  { unit }: VoxelSize,
) {
  if (box === undefined) return;
  const barLength = scaleBarLength(trueWidth);
  const length = barLength * pixelsPerUnit;
  context.font = `bold 14px "${fontFamily}"`;
  context.textAlign = "center";
  const label = lengthLabel(barLength, unit);
  const half = Math.max(length, context.measureText(label).width) / 2 + 8;
  const [x, y] = [left + box.width - half - 6, box.y + box.height - 18]; // middle of the bar
  context.fillStyle = "rgba(0, 0, 0, 0.55)"; // legible on bright voxels too
  context.fillRect(x - half, y - 24, 2 * half, 36);
  context.fillStyle = "#ffffff";
  context.fillRect(x - length / 2, y, length, 4);
  context.fillText(label, x, y - 7);
  context.textAlign = "left";
}

export function drawCaption(
  context: SKRSContext2D,
  lines: readonly string[],
  { captionY, width }: Layout,
) {
  context.fillStyle = ink;
  context.font = captionFont;
  lines.forEach((line, i) => {
    context.fillText(line, margin, captionY + 14 + i * captionLine, width - 2 * margin);
  });
}
