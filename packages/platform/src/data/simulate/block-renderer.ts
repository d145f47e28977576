import { blurAlong, type Rows } from "./blur.ts";
import { Camera } from "./camera.ts";
import { createEmbryo, depthIn, type Embryo } from "./embryo.ts";
import type { MovieConfig } from "./movie-config.ts";
import { type Canvas, NucleiPainter, type Window } from "./paint.ts";
import { createPsf, haloBin, type Kernel, type Psf, radiusOf } from "./psf.ts";
import { createTexture, type Texture } from "./texture.ts";

/** A block of one frame, in voxels. `yStart` and `xStart` are multiples of {@link blockEdge}. */
export interface Block {
  readonly t: number;
  readonly zStart: number;
  readonly yStart: number;
  readonly xStart: number;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
}

/** What a block is rendered into: counts [Z Y X C] and labels [Z Y X]. */
export interface BlockVoxels {
  readonly image: Uint16Array;
  readonly labels: Uint16Array | Uint32Array;
}

/** Blocks start at multiples of this many voxels along y and x: whole bins, whole camera draws. */
const blockEdge = 8;

/**
 * Renders blocks of the movie: paint nuclei, blur by the microscope, expose the camera. A voxel
 * is the same, bit for bit, in whichever block it is rendered.
 */
export class BlockRenderer {
  readonly #config: MovieConfig;
  readonly #embryo: Embryo;
  readonly #psf: Psf;
  readonly #texture: Texture;
  readonly #camera: Camera;
  readonly #painter: NucleiPainter;

  constructor(config: MovieConfig) {
    this.#config = config;
    this.#embryo = createEmbryo(config);
    this.#psf = createPsf(config);
    this.#texture = createTexture(config.seed);
    this.#camera = new Camera(config);
    this.#painter = new NucleiPainter(this.#texture, config.voxel_size_um);
  }

  /** Renders `block` of a frame whose cells are packed in `cells`. */
  render(cells: Float64Array, block: Block, voxels: BlockVoxels): void {
    if (block.yStart % blockEdge !== 0 || block.xStart % blockEdge !== 0) {
      throw new RangeError(`a block at y ${block.yStart}, x ${block.xStart} is not on the grid`);
    }
    const frame = new Frame(block, this.#psf);
    const reach = axialReach(this.#psf);
    for (let plane = -reach; plane < block.depth + reach; plane++) {
      const z = block.zStart + plane;
      this.#painter.paint(frame.canvas, cells, z, frame.window);
      if (plane >= 0 && plane < block.depth) frame.copyLabels(voxels.labels, plane);
      frame.blurPlane(plane);
      this.#addTissue(frame, z);
      frame.blurBins(plane);
      const done = plane - reach;
      if (done >= 0) this.#expose(frame, done, block, voxels.image);
    }
  }

  /** The faint glow of the tissue itself, in bins. */
  #addTissue(frame: Frame, z: number): void {
    const [zUm, yUm, xUm] = this.#config.voxel_size_um;
    const { body, cavity } = this.#embryo;
    const glow = 3.2 * this.#config.background_photons;
    const middle = (haloBin - 1) / 2;
    const { data } = frame.bins;
    const { binRows, binColumns, window } = frame;
    const place: [number, number, number] = [z * zUm, 0, 0];
    for (let j = 0; j < binRows; j++) {
      place[1] = (window.yStart + j * haloBin + middle) * yUm;
      for (let i = 0; i < binColumns; i++) {
        place[2] = (window.xStart + i * haloBin + middle) * xUm;
        const inside = rise(1.03 - depthIn(body, place)) * rise(depthIn(cavity, place) - 0.9);
        if (inside === 0) continue;
        const wave = this.#texture.coarse[texelAt(place)] ?? 0;
        const at = j * binColumns + i;
        data[at] = (data[at] ?? 0) + glow * inside * Math.max(0.3, 1 + 0.22 * wave);
      }
    }
  }

  #expose(frame: Frame, plane: number, block: Block, image: Uint16Array): void {
    const { t, zStart, yStart, xStart, height, width } = block;
    const channels = this.#config.shape[4];
    const z = zStart + plane;
    frame.gather(plane);
    const row = new Float32Array(width);
    const background = this.#config.background_photons;
    for (let y = 0; y < height; y++) {
      frame.combineRow(y, row);
      const shade = this.#shade(z, yStart + y);
      for (let x = 0; x < width; x++) row[x] = (row[x] ?? 0) * shade + background;
      const offset = (plane * height + y) * width * channels;
      const place = { t, z, y: yStart + y, x: xStart, width };
      this.#camera.expose(row, { data: image, offset, stride: channels }, place);
    }
  }

  /** Shadows that the light sheet, which comes along x, draws behind what it meets at its entry. */
  #shade(z: number, y: number): number {
    const [zUm, yUm] = this.#config.voxel_size_um;
    return 1 + 0.045 * (this.#texture.coarse[texelAt([z * zUm * 0.35, y * yUm * 0.9, 3])] ?? 0);
  }
}

/** The texel at a place in micrometres. */
function texelAt([z, y, x]: readonly [number, number, number]): number {
  return ((Math.floor(z * 2) & 63) * 64 + (Math.floor(y * 2) & 63)) * 64 + (Math.floor(x * 2) & 63);
}

/** 0 below 0, 1 above 0.08. */
const rise = (value: number) => Math.min(1, Math.max(0, value / 0.08));

/** Planes that a plane's light reaches, to either side. */
function axialReach({ core, halo }: Psf): number {
  return Math.max(radiusOf(core.axial), radiusOf(halo.axial));
}

/** The arrays of one block: the plane being painted, and rings of blurred planes around it. */
class Frame {
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
  readonly #corePlanes: Ring;
  readonly #haloPlanes: Ring;
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
    this.#corePlanes = new Ring(psf.core.axial, reach, height * width);
    this.#haloPlanes = new Ring(psf.halo.axial, reach, haloRows * this.#haloColumns);
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

/** The last few planes, and their weighted sum along z. */
class Ring {
  readonly #kernel: Kernel;
  readonly #planes: readonly Float32Array[];

  /** The newest plane is `ahead` planes before the one that is summed. */
  constructor(kernel: Kernel, ahead: number, size: number) {
    this.#kernel = kernel;
    const length = ahead + radiusOf(kernel) + 1;
    this.#planes = Array.from({ length }, () => new Float32Array(size));
  }

  at(plane: number): Float32Array {
    const { length } = this.#planes;
    return this.#planes[((plane % length) + length) % length] ?? new Float32Array();
  }

  /** Taps are added in one order, three at a time, which spares most of the traffic to memory. */
  sum(plane: number, to: Float32Array): void {
    const radius = radiusOf(this.#kernel);
    to.fill(0);
    for (let k = -radius; k <= radius; k += 3) {
      const [a, b, c] = [this.at(plane + k), this.at(plane + k + 1), this.at(plane + k + 2)];
      const weight = (tap: number) => (tap <= radius ? (this.#kernel[tap + radius] ?? 0) : 0);
      const [wa, wb, wc] = [weight(k), weight(k + 1), weight(k + 2)];
      for (let i = 0; i < to.length; i++) {
        to[i] = (to[i] ?? 0) + (wa * (a[i] ?? 0) + wb * (b[i] ?? 0) + wc * (c[i] ?? 0));
      }
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
