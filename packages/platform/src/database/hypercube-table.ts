import type { HypercubeBatch, HypercubePlaces } from "./hypercube-batch.ts";
import type { CubeShape4 } from "./hypercube-query.ts";
import type { HypercubeRecord, TileRecord } from "./hypercube-record.ts";

/**
 * All rows of a query, in its order: typed arrays of 22 bytes a row, and the tiles. A record is an
 * object, and made only when a row is asked for.
 */
export class HypercubeTable {
  readonly numRows: number;
  readonly tiles: readonly TileRecord[];
  /** Every size (T Z Y X) that occurs. */
  readonly shapes: readonly CubeShape4[];
  /** Which of `tiles` and which of `shapes`, by row. */
  readonly tile: Int32Array;
  readonly shape: Uint16Array;
  readonly time_start: Int32Array;
  readonly z_start: Int32Array;
  readonly y_start: Int32Array;
  readonly x_start: Int32Array;

  private constructor(
    { tile, shape, time_start, z_start, y_start, x_start }: Columns,
    tiles: readonly TileRecord[],
    shapes: readonly CubeShape4[],
  ) {
    const stray = tile.findIndex((number) => number < 0 || number >= tiles.length);
    if (stray >= 0) {
      throw new RangeError(`row ${stray} is of tile ${tile[stray]}: there are ${tiles.length}`);
    }
    this.numRows = tile.length;
    this.tiles = tiles;
    this.shapes = shapes;
    this.tile = tile;
    this.shape = shape;
    this.time_start = time_start;
    this.z_start = z_start;
    this.y_start = y_start;
    this.x_start = x_start;
  }

  /**
   * Reads a query to its end; at no time does it hold more than a column beside the table.
   *
   * @throws RangeError for a row of a tile that is not in the list.
   */
  static async from(batches: AsyncIterable<HypercubeBatch>): Promise<HypercubeTable> {
    const shapes = new ShapeNumbers();
    const pieces: Pieces = {
      tile: [],
      shape: [],
      time_start: [],
      z_start: [],
      y_start: [],
      x_start: [],
    };
    let tiles: readonly TileRecord[] = [];
    for await (const batch of batches) {
      pieces.tile.push(batch.tile);
      pieces.shape.push(shapes.numbersOf(batch, batch.numRows));
      pieces.time_start.push(batch.time_start);
      pieces.z_start.push(batch.z_start);
      pieces.y_start.push(batch.y_start);
      pieces.x_start.push(batch.x_start);
      tiles = batch.tiles;
    }
    const numRows = pieces.tile.reduce((sum, { length }) => sum + length, 0);
    const integers = () => new Int32Array(numRows);
    const columns: Columns = {
      tile: filled(integers(), pieces.tile),
      shape: filled(new Uint16Array(numRows), pieces.shape),
      time_start: filled(integers(), pieces.time_start),
      z_start: filled(integers(), pieces.z_start),
      y_start: filled(integers(), pieces.y_start),
      x_start: filled(integers(), pieces.x_start),
    };
    return new HypercubeTable(columns, tiles, shapes.all);
  }

  /** @throws RangeError when there is no such row. */
  recordAt(row: number): HypercubeRecord {
    const tile = this.tiles[this.tile[row] ?? -1];
    const [time_size, z_size, y_size, x_size] = this.shapes[this.shape[row] ?? -1] ?? [];
    if (!tile || !time_size || !z_size || !y_size || !x_size) {
      throw new RangeError(`there is no row ${row}: there are ${this.numRows}`);
    }
    return {
      prepared_id: tile.prepared_id,
      tile_name: tile.tile_name,
      server_folder: tile.server_folder,
      output_folder: tile.output_folder,
      array_path: tile.array_path,
      axes: tile.axes,
      labels_path: tile.labels_path,
      channel_size: tile.channel_size,
      dtype: tile.dtype,
      hpf: tile.hpf,
      is_synthetic: tile.is_synthetic,
      tile_shape: [tile.time_size, tile.z_size, tile.y_size, tile.x_size, tile.channel_size],
      time_start: this.time_start[row] ?? 0,
      z_start: this.z_start[row] ?? 0,
      y_start: this.y_start[row] ?? 0,
      x_start: this.x_start[row] ?? 0,
      time_size,
      z_size,
      y_size,
      x_size,
    };
  }

  *records(): Generator<HypercubeRecord, void, undefined> {
    for (let row = 0; row < this.numRows; row++) yield this.recordAt(row);
  }
}

interface Columns {
  readonly tile: Int32Array;
  readonly shape: Uint16Array;
  readonly time_start: Int32Array;
  readonly z_start: Int32Array;
  readonly y_start: Int32Array;
  readonly x_start: Int32Array;
}

type Pieces = { readonly [Name in keyof Columns]: Columns[Name][] };

/** Numbers the shapes as they come; there are a few of them, whatever the number of rows. */
class ShapeNumbers {
  readonly all: CubeShape4[] = [];
  readonly #numbers = new Map<string, number>();
  #last = -1;

  numbersOf({ time_size, z_size, y_size, x_size }: HypercubePlaces, numRows: number): Uint16Array {
    const numbers = new Uint16Array(numRows); // filled in place: `from` takes five times as long
    for (let row = 0; row < numRows; row++) {
      numbers[row] = this.#numberOf(
        time_size[row] ?? 0,
        z_size[row] ?? 0,
        y_size[row] ?? 0,
        x_size[row] ?? 0,
      );
    }
    return numbers;
  }

  /** The last row's is tried first: texts are made only where the shape changes. */
  #numberOf(t: number, z: number, y: number, x: number): number {
    const last = this.all[this.#last];
    if (last && last[0] === t && last[1] === z && last[2] === y && last[3] === x) return this.#last;
    const text = `${t} ${z} ${y} ${x}`;
    const known = this.#numbers.get(text) ?? this.all.length;
    if (known === this.all.length) {
      if (known > 65535) throw new RangeError("more than 65,536 sizes of hypercubes in one table");
      this.all.push([t, z, y, x]);
      this.#numbers.set(text, known);
    }
    this.#last = known;
    return known;
  }
}

/** All pieces one behind the other; they are let go. */
function filled<Column extends Int32Array | Uint16Array>(column: Column, pieces: Column[]): Column {
  let at = 0;
  for (const piece of pieces) {
    column.set(piece, at);
    at += piece.length;
  }
  pieces.length = 0;
  return column;
}
