import { FileBytes } from "../tiff/file-bytes.ts";
import type { ImageSource } from "./image-source.ts";
import { readPng, readPngHeader } from "./png.ts";

/** A PNG as an image of one plane; each sample of a pixel is a channel. */
export async function pngSource(path: string): Promise<ImageSource> {
  await using bytes = await FileBytes.open(path, "DATA_PNG");
  const { width, height, numSamples, sampleType } = await readPngHeader(bytes);
  return {
    path,
    shape: [1, 1, height, width, numSamples],
    sampleType,
    voxelSizeUm: [null, null, null],
    frameIntervalS: null,
    channelNames: [],
    layoutFrom: "a PNG",
    fastestFirst: "XYZT",
    wholeAxes: "YX",
    fingerprint: async () => `${bytes.size} ${bytes.changedMs}`,
    missingChunks: 0,
    async read(_, into, { signal }) {
      signal?.throwIfAborted();
      const { pixels } = await readPng(path);
      if (numSamples === 1) return into.set(pixels);
      const plane = width * height;
      for (let i = 0; i < plane; i++) {
        for (let c = 0; c < numSamples; c++) into[c * plane + i] = pixels[i * numSamples + c] ?? 0;
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
