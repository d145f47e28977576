import { PhiloxNoise } from "./philox-noise.ts";

/** Smooth noise on a periodic cube of {@link textureSize} texels; mean 0, deviation 1. */
export interface Texture {
  /** Grain of about a micrometre: chromatin. */
  readonly fine: Float32Array<ArrayBuffer>;
  /** Waves of several micrometres: the outline of a nucleus, its nucleoli, shadows. */
  readonly coarse: Float32Array<ArrayBuffer>;
}

export const textureSize = 64;
export const texelsPerUm = 4;

const stream = 2;

export function createTexture(seed: number): Texture {
  const noise = new PhiloxNoise(seed, stream);
  return { fine: smoothNoise(noise, 0, [2, 2, 1]), coarse: smoothNoise(noise, 1, [6, 6, 5]) };
}

/** White noise, averaged over a few boxes along each axis, and brought to deviation 1. */
function smoothNoise(noise: PhiloxNoise, kind: number, radii: readonly number[]) {
  const volume = new Float32Array(textureSize ** 3);
  for (let i = 0; i < volume.length; i += 4) {
    noise.draw(i, kind, 0, 0);
    for (let lane = 0; lane < 4; lane++)
      volume[i + lane] = (noise.block[lane] ?? 0) / 2 ** 32 - 0.5;
  }
  for (const radius of radii) {
    for (const stride of [1, textureSize, textureSize ** 2]) boxAlong(volume, stride, radius);
  }
  const squares = volume.reduce((sum, value) => sum + value * value, 0);
  const scale = 1 / Math.sqrt(squares / volume.length);
  return volume.map((value) => value * scale);
}

/** Replaces each value by the mean over 2 * radius + 1 neighbours along one axis, around the edge. */
function boxAlong(volume: Float32Array, stride: number, radius: number): void {
  const line = new Float64Array(textureSize);
  for (let start = 0; start < volume.length; start++) {
    if (Math.floor(start / stride) % textureSize !== 0) continue;
    for (let i = 0; i < textureSize; i++) line[i] = volume[start + i * stride] ?? 0;
    for (let i = 0; i < textureSize; i++) {
      let sum = 0;
      for (let k = -radius; k <= radius; k++) sum += line[(i + k + textureSize) % textureSize] ?? 0;
      volume[start + i * stride] = sum / (2 * radius + 1);
    }
  }
}
