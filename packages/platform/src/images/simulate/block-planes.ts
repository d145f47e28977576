import { blurAlong, type Rows } from "./blur.ts";
import type { Canvas, Window } from "./paint.ts";
import { PlaneRing } from "./plane-ring.ts";
import { haloBin, type Psf, radiusOf } from "./psf.ts";

/** A block of one frame, in voxels. See `blockEdge` of the renderer. */
export interface Block {
  readonly t: number;
  readonly zStart: number;
  readonly yStart: number;
  readonly xStart: number;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
}

/** Planes that a plane's light reaches, to either side. */
export function axialReach({ core, halo }: Psf): number {
  return Math.max(radiusOf(core.axial), radiusOf(halo.axial));
}

/** The arrays of one block: the plane being painted, and rings of blurred planes around it. */
export class BlockPlanes {
  readonly window: Window;
  readonly canvas: Canvas;
  readonly bins: Rows;
  readonly binRows: number;
  readonly binColumns: number;
  readonly #psf: Psf;
  readonly #block: Block;
  readonly #margin: number;
  readonly #scratch: Float32Array;
  readonly #binScratch: Float32Array;
  readonly #corePlanes: PlaneRing;
  readonly #haloPlanes: PlaneRing;
  readonly #core: Float32Array;
  readonly #halo: Float32Array;
  readonly #haloColumns: number;

  constructor(block: Block, psf: Psf) {
    const { height, width } = block;
    const binMargin = Math.max(radiusOf(psf.halo.y), radiusOf(psf.halo.x)) + 1;
    const margin = haloBin * binMargin;
    const painted = (size: number) => Math.ceil(size / haloBin) * haloBin + 2 * margin;
    this.#psf = psf;
    this.#block = block;
    this.#margin = margin;
    this.window = {
      yStart: block.yStart - margin,
      xStart: block.xStart - margin,
      height: painted(height),
      width: painted(width),
    };
    const size = this.window.height * this.window.width;
    this.canvas = {
      photons: new Float32Array(size),
      labels: new Uint32Array(size),
      depths: new Float32Array(size),
    };
    this.binRows = this.window.height / haloBin;
    this.binColumns = this.window.width / haloBin;
    const binSize = this.binRows * this.binColumns;
    this.bins = { data: new Float32Array(binSize), offset: 0, stride: this.binColumns };
    this.#scratch = new Float32Array(this.window.height * width);
    this.#binScratch = new Float32Array(binSize);
    // One bin more on each side than the block has, to interpolate from.
    this.#haloColumns = this.binColumns - 2 * (binMargin - 1);
    const haloRows = this.binRows - 2 * (binMargin - 1);
    const reach = axialReach(psf);
    this.#corePlanes = new PlaneRing(psf.core.axial, reach, height * width);
    this.#haloPlanes = new PlaneRing(psf.halo.axial, reach, haloRows * this.#haloColumns);
    this.#core = new Float32Array(height * width);
    this.#halo = new Float32Array(haloRows * this.#haloColumns);
  }

  copyLabels(target: Uint16Array | Uint32Array, plane: number): void {
    const { height, width } = this.#block;
    for (let y = 0; y < height; y++) {
      const start = (y + this.#margin) * this.window.width + this.#margin;
      target.set(this.canvas.labels.subarray(start, start + width), (plane * height + y) * width);
    }
  }

  /** Blurs the painted plane by the core, and sums it into bins. */
  blurPlane(plane: number): void {
    const { photons } = this.canvas;
    const { height, width } = this.#block;
    const stride = this.window.width;
    const { y, x } = this.#psf.core;
    const above = radiusOf(y);
    const first = this.#margin - above;
    const rows = height + 2 * above;
    const from = { data: photons, offset: first * stride + this.#margin, stride };
    const along = { data: this.#scratch, offset: 0, stride: width };
    blurAlong(from, along, { height: rows, width, step: 1 }, x);
    const target = { data: this.#corePlanes.at(plane), offset: 0, stride: width };
    const middle = { ...along, offset: above * width };
    blurAlong(middle, target, { height, width, step: width }, y);
    sumBins(photons, stride, this.bins.data, this.binRows, this.binColumns);
  }

  /** Blurs the bins by the halo. */
  blurBins(plane: number): void {
    const { y, x } = this.#psf.halo;
    const stride = this.binColumns;
    const width = this.#haloColumns;
    const left = (stride - width) / 2;
    const height = this.#halo.length / width;
    const top = (this.binRows - height) / 2;
    const along = { data: this.#binScratch, offset: 0, stride: width };
    blurAlong({ ...this.bins, offset: left }, along, { height: this.binRows, width, step: 1 }, x);
    const target = { data: this.#haloPlanes.at(plane), offset: 0, stride: width };
    blurAlong({ ...along, offset: top * width }, target, { height, width, step: width }, y);
  }

  /** Sums the planes around `plane` along z. */
  gather(plane: number): void {
    this.#corePlanes.sum(plane, this.#core);
    this.#haloPlanes.sum(plane, this.#halo);
  }

  /** Core and halo of row y of the gathered plane; the halo is interpolated between bin centres. */
  combineRow(y: number, row: Float32Array): void {
    const { width } = this.#block;
    const { haloWeight } = this.#psf;
    const columns = this.#haloColumns;
    const v = (y + 0.5) / haloBin + 0.5; // bin 0 is the one before the block's first
    const j = Math.floor(v);
    const below = (v - j) * haloWeight;
    const above = haloWeight - below;
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) / haloBin + 0.5;
      const i = Math.floor(u);
      const right = u - i;
      const at = j * columns + i;
      const top = (this.#halo[at] ?? 0) * (1 - right) + (this.#halo[at + 1] ?? 0) * right;
      const next = at + columns;
      const bottom = (this.#halo[next] ?? 0) * (1 - right) + (this.#halo[next + 1] ?? 0) * right;
      row[x] = (1 - haloWeight) * (this.#core[y * width + x] ?? 0) + above * top + below * bottom;
    }
  }
}

/** Mean over haloBin x haloBin voxels. */
function sumBins(
  from: Float32Array,
  stride: number,
  to: Float32Array,
  rows: number,
  columns: number,
) {
  const scale = 1 / haloBin ** 2;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      for (let y = 0; y < haloBin; y++) {
        const at = (j * haloBin + y) * stride + i * haloBin;
        sum += (from[at] ?? 0) + (from[at + 1] ?? 0) + (from[at + 2] ?? 0) + (from[at + 3] ?? 0);
      }
      to[j * columns + i] = sum * scale;
    }
  }
}
