import { cellFields } from "./cell.ts";
import { type Texture, texelsPerUm, textureSize } from "./texture.ts";

/** A rectangle of one plane, in voxels of the whole movie; it may reach outside of it. */
export interface Window {
  readonly yStart: number;
  readonly xStart: number;
  readonly height: number;
  readonly width: number;
}

/** What is painted: one number a voxel of a window. */
export interface Canvas {
  /** Photons that leave the voxel. */
  readonly photons: Float32Array;
  /** The id of the nucleus that the voxel's centre lies in; 0: none. */
  readonly labels: Uint32Array;
  /** How deep in that nucleus: 0 at its heart, 1 on its surface and outside. */
  readonly depths: Float32Array;
}

const roughness = 0.2;
/** No surface reaches further than this squared radius: the texture is cut at 1.5 deviations. */
const furthest = 1 + 1.5 * roughness;

/** Light that is left after the sheet and the signal went through tissue: to 1/e in this depth. */
const sheetUm = 260;
const detectionUm = 210;

/** Paints nuclei (packed, see `cellFields`) into the plane `z`; who is deeper in a voxel has it. */
export class NucleiPainter {
  readonly #texture: Texture;
  readonly #voxelUm: readonly [z: number, y: number, x: number];

  constructor(texture: Texture, voxelUm: readonly [z: number, y: number, x: number]) {
    this.#texture = texture;
    this.#voxelUm = voxelUm;
  }

  paint(canvas: Canvas, cells: Float64Array, z: number, window: Window): void {
    canvas.photons.fill(0);
    canvas.labels.fill(0);
    canvas.depths.fill(1);
    const zUm = z * this.#voxelUm[0];
    for (let at = 0; at < cells.length; at += cellFields.length) {
      const along = cells[at + 7] ?? 0;
      const across = cells[at + 8] ?? 0;
      const tilt = cells[at + 4] ?? 0;
      const reach = Math.sqrt(furthest * (across ** 2 + (along ** 2 - across ** 2) * tilt ** 2));
      if (Math.abs(zUm - (cells[at + 1] ?? 0)) < reach)
        this.#paintCell(canvas, cells, at, zUm, window);
    }
  }

  #paintCell(canvas: Canvas, cells: Float64Array, at: number, zUm: number, window: Window): void {
    const [, yEdge, xEdge] = this.#voxelUm;
    const { fine, coarse } = this.#texture;
    const { photons, labels, depths } = canvas;
    const { yStart, xStart, height, width } = window;
    const id = cells[at] ?? 0;
    const dz = zUm - (cells[at + 1] ?? 0);
    const yCentre = cells[at + 2] ?? 0;
    const xCentre = cells[at + 3] ?? 0;
    const [uz, uy, ux] = [cells[at + 4] ?? 0, cells[at + 5] ?? 0, cells[at + 6] ?? 0];
    const alongUm = cells[at + 7] ?? 1;
    const acrossUm = cells[at + 8] ?? 1;
    const inverse = 1 / (acrossUm * acrossUm);
    const stretch = 1 / (alongUm * alongUm) - inverse;
    const light =
      (cells[at + 9] ?? 0) * Math.exp(-xCentre / sheetUm - (cells[at + 1] ?? 0) / detectionUm);
    // Each nucleus cuts its own block out of the periodic texture.
    const shift = Math.imul(id, 0x9e3779b1);
    const zTexel = Math.floor(dz * texelsPerUm + (shift & 63)) & 63;
    const yReach = Math.sqrt(furthest * (acrossUm ** 2 + (alongUm ** 2 - acrossUm ** 2) * uy ** 2));
    const firstY = Math.max(yStart, Math.ceil((yCentre - yReach) / yEdge));
    const lastY = Math.min(yStart + height - 1, Math.floor((yCentre + yReach) / yEdge));
    for (let y = firstY; y <= lastY; y++) {
      const dy = y * yEdge - yCentre;
      const yTexel = Math.floor(dy * texelsPerUm + ((shift >>> 6) & 63)) & 63;
      // The squared depth along this row: a * dx^2 + 2 * b * dx + c.
      const flat = dz * dz + dy * dy;
      const lean = dz * uz + dy * uy;
      const a = inverse + stretch * ux * ux;
      const b = stretch * lean * ux;
      const c = flat * inverse + stretch * lean * lean;
      const root = b * b - a * (c - furthest);
      if (root <= 0) continue;
      const half = Math.sqrt(root);
      const firstX = Math.max(xStart, Math.ceil((xCentre + (-b - half) / a) / xEdge));
      const lastX = Math.min(xStart + width - 1, Math.floor((xCentre + (-b + half) / a) / xEdge));
      const row = (y - yStart) * width - xStart;
      const texels = (zTexel * textureSize + yTexel) * textureSize;
      const xShift = (shift >>> 12) & 63;
      for (let x = firstX; x <= lastX; x++) {
        const dx = x * xEdge - xCentre;
        const texel = texels + (Math.floor(dx * texelsPerUm + xShift) & 63);
        const wave = Math.min(1.5, Math.max(-1.5, coarse[texel] ?? 0));
        const depth = (a * dx * dx + 2 * b * dx + c) / (1 + roughness * wave);
        const voxel = row + x;
        if (depth >= (depths[voxel] ?? 0)) continue;
        depths[voxel] = depth;
        labels[voxel] = id;
        const grain = Math.max(0.15, 1 + 0.3 * (fine[texel] ?? 0) - (wave > 0.9 ? 0.45 : 0));
        photons[voxel] = light * grain * (1 - 0.3 * depth * depth);
      }
    }
  }
}
