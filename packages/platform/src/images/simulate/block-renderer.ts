import { axialReach, type Block, BlockPlanes } from "./block-planes.ts";
import { Camera } from "./camera.ts";
import { createEmbryo, depthIn, type Embryo } from "./embryo.ts";
import type { MovieConfig } from "./movie-config.ts";
import { NucleiPainter } from "./paint.ts";
import { createPsf, haloBin, type Psf } from "./psf.ts";
import { createTexture, type Texture } from "./texture.ts";

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
    const planes = new BlockPlanes(block, this.#psf);
    const reach = axialReach(this.#psf);
    for (let plane = -reach; plane < block.depth + reach; plane++) {
      const z = block.zStart + plane;
      this.#painter.paint(planes.canvas, cells, z, planes.window);
      if (plane >= 0 && plane < block.depth) planes.copyLabels(voxels.labels, plane);
      planes.blurPlane(plane);
      this.#addTissue(planes, z);
      planes.blurBins(plane);
      const done = plane - reach;
      if (done >= 0) this.#expose(planes, done, block, voxels.image);
    }
  }

  /** The faint glow of the tissue itself, in bins. */
  #addTissue(planes: BlockPlanes, z: number): void {
    const [zUm, yUm, xUm] = this.#config.voxel_size_um;
    const { body, cavity } = this.#embryo;
    const glow = 3.2 * this.#config.background_photons;
    const middle = (haloBin - 1) / 2;
    const { data } = planes.bins;
    const { binRows, binColumns, window } = planes;
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

  #expose(planes: BlockPlanes, plane: number, block: Block, image: Uint16Array): void {
    const { t, zStart, yStart, xStart, height, width } = block;
    const channels = this.#config.shape[4];
    const z = zStart + plane;
    planes.gather(plane);
    const row = new Float32Array(width);
    const background = this.#config.background_photons;
    for (let y = 0; y < height; y++) {
      planes.combineRow(y, row);
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
