import type { Box } from "./annotations.ts";
import type { Slice } from "./slices.ts";

/** Where the planes of one column stand, a box for each, and how large a unit of length is in it. */
export interface ColumnLayout {
  readonly x: number;
  readonly pixelsPerUnit: number;
  readonly trueWidth: number;
  readonly boxes: readonly Box[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly ColumnLayout[];
  /** Top and middle of each row of planes. */
  readonly rows: readonly { readonly y: number; readonly middle: number }[];
  readonly captionY: number;
}

export const margin = 24;
export const titleHeight = 86;
export const captionLine = 21;
export const columnPixels = 352;
const gap = 12;
const rowLabelWidth = 74;
/** So that the labels of rows do not lie upon each other. */
const leastRowHeight = 36;
const leastWidth = 620;

/**
 * Columns of one width, whatever they show: lengths are true within each. A row is as high as its
 * highest plane.
 *
 * @param slices - the planes of each column.
 * @param numCaptionLines - lines of text of a picture of `widthOf(slices.length)`.
 */
export function layOut(slices: readonly (readonly Slice[])[], numCaptionLines: number): Layout {
  const scales = slices.map((planes) => {
    const trueWidth = Math.max(...planes.map((plane) => plane.trueWidth));
    return { trueWidth, pixelsPerUnit: columnPixels / trueWidth };
  });
  const heightOf = (column: number, row: number) =>
    Math.max(
      1,
      Math.round((slices[column]?.[row]?.trueHeight ?? 0) * (scales[column]?.pixelsPerUnit ?? 0)),
    );
  const numRows = Math.max(0, ...slices.map((planes) => planes.length));
  let y = titleHeight;
  const rows = Array.from({ length: numRows }, (_, row) => {
    const highest = Math.max(...slices.map((_, column) => heightOf(column, row)));
    const height = Math.max(highest, leastRowHeight);
    const place = { y, middle: y + height / 2 };
    y += height + gap;
    return place;
  });
  const columns = slices.map((planes, i): ColumnLayout => {
    const { trueWidth, pixelsPerUnit } = scales[i] ?? { trueWidth: 1, pixelsPerUnit: 1 };
    const boxes = planes.map(
      ({ plane, at, trueWidth }, row): Box => ({
        plane,
        at,
        y: rows[row]?.y ?? 0,
        width: Math.max(1, Math.round(trueWidth * pixelsPerUnit)),
        height: heightOf(i, row),
      }),
    );
    return { x: columnX(i), pixelsPerUnit, trueWidth, boxes };
  });
  return {
    width: widthOf(slices.length),
    height: y + gap + numCaptionLines * captionLine + margin,
    columns,
    rows,
    captionY: y + gap,
  };
}

/** Width of a picture of so many columns: one alone leaves room for its caption. */
export function widthOf(numColumns: number): number {
  return Math.max(columnX(numColumns) - gap + margin, leastWidth);
}

const columnX = (column: number) => margin + rowLabelWidth + column * (columnPixels + gap);
