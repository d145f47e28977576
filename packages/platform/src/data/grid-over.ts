import type { HypercubeBatch, HypercubePlace } from "../database/index.ts";
import { gridPlaces } from "../images/index.ts";

export interface GridOverTiles {
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /**
   * Whether a tile that is smaller than a hypercube along an axis has one of its own size there, which
   * is padded as it is read; else it has none.
   */
  readonly mayBeCut: boolean;
  /** Only hypercubes that begin at these frames; null: all. */
  readonly timepoint_list: readonly number[] | null;
  /** So many hypercubes at most. */
  readonly most: number | null;
}

/** Hypercubes half their size apart, in each of the rows, which are whole tiles; as a catalogue has them. */
export async function* gridOver(
  tiles: AsyncIterable<HypercubeBatch>,
  { cubeShape, mayBeCut, timepoint_list, most }: GridOverTiles,
): AsyncGenerator<HypercubeBatch, void, undefined> {
  let left = most ?? Number.POSITIVE_INFINITY;
  for await (const batch of tiles) {
    for (let row = 0; row < batch.numRows && left > 0; row++) {
      const { time_size, z_size, y_size, x_size } = batch;
      const sizes = [time_size, z_size, y_size, x_size].map((column) => column[row] ?? 0);
      const edge = (axis: 0 | 1 | 2 | 3) =>
        mayBeCut ? Math.min(cubeShape[axis], sizes[axis] ?? 0) : cubeShape[axis];
      const edges = [edge(0), edge(1), edge(2), edge(3)] as const;
      const half = (axis: 0 | 1 | 2 | 3) => Math.ceil(edges[axis] / 2);
      const stride = [half(0), half(1), half(2), half(3)] as const;
      const places = gridPlaces(sizes, { cubeShape: edges, stride })
        .filter(({ time_start }) => timepoint_list?.includes(time_start) ?? true)
        .slice(0, left);
      left -= places.length;
      if (places.length > 0) yield hypercubesAt(places, batch, batch.tile[row] ?? -1);
    }
    if (left <= 0) return;
  }
}

function hypercubesAt(
  places: readonly HypercubePlace[],
  { tiles }: HypercubeBatch,
  tile: number,
): HypercubeBatch {
  const column = (name: keyof HypercubePlace) => Int32Array.from(places, (place) => place[name]);
  return {
    numRows: places.length,
    tiles,
    tile: new Int32Array(places.length).fill(tile),
    time_start: column("time_start"),
    z_start: column("z_start"),
    y_start: column("y_start"),
    x_start: column("x_start"),
    time_size: column("time_size"),
    z_size: column("z_size"),
    y_size: column("y_size"),
    x_size: column("x_size"),
    statistics: {},
    boxes: null,
  };
}
