// What import, simulation and prediction write, validated by ome-zarr-models.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGroup, readMultiscales, writeMultiscales } from "@cell-observatory/zarr";
import {
  importImage,
  MovieConfig,
  simulateMovie,
} from "../../packages/platform/src/images/index.ts";
import { RebuiltVolume, saveOmeZarr } from "../../packages/platform/src/inference/index.ts";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";

const script = join(import.meta.dirname, "../reference/ome_zarr_cases.py");
const tiff = join(import.meta.dirname, "../../packages/platform/src/images/tiff/fixtures");

/** The model that each group has to fit. */
const expected = {
  "labelled.ome.zarr": "Image",
  "labelled.ome.zarr/labels/cells": "ImageLabel",
  "movie.ome.zarr": "Image",
  "movie.ome.zarr/labels/cells": "ImageLabel",
  "prediction.ome.zarr": "Image",
  "two-channels.ome.zarr": "Image",
};

export const verification: Verification = {
  name: "ome-zarr",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-ome-zarr-"));
    try {
      await writeImages(folder, seed);
      const { code, output } = await command([python, script, folder]);
      if (code !== 0) throw new Error(`ome_zarr_cases.py failed (exit ${code}):\n${output}`);
      const found: Readonly<Record<string, string>> = JSON.parse(
        output.slice(output.lastIndexOf("\n{") + 1),
      );
      const wrong = Object.entries(expected).flatMap(([group, model]) =>
        found[group] === model ? [] : [`FAIL  ${group} as ${model}: ${found[group]}`],
      );
      if (!found["channels-last.ome.zarr"]?.startsWith("refused")) {
        wrong.push("FAIL  axes in an order that OME-Zarr forbids were accepted");
      }
      const passed = Object.keys(expected).length + 1 - wrong.length;
      return { passed, failed: wrong.length, lines: [...wrong, `${passed} groups as expected`] };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function writeImages(folder: string, seed: number): Promise<void> {
  const shape = [2, 5 + (seed % 7), 40, 50, 1] as const;
  const movie = MovieConfig.parse({ shape, seed });
  await simulateMovie(movie, join(folder, "movie.ome.zarr"), { numThreads: 1 });
  const two = join(folder, "two-channels.ome.zarr");
  await importImage(join(tiff, "ome.tif"), two);
  await importImage(join(tiff, "deflate.tif"), join(folder, "labelled.ome.zarr"), {
    labels: join(tiff, "labels-uint8.tif"),
  });
  await saveOmeZarr(new RebuiltVolume({ origin: [1, 0, 2, 3], shape: [1, 4, 8, 8, 2] }), {
    path: join(folder, "prediction.ome.zarr"),
    voxelSize: { zyx: [0.8, 0.4, 0.4], unit: "micrometre" },
    name: "prediction",
    zarr_chunk_shape: [4, 4, 4],
    zarr_shard_shape: null,
  });
  const odd = join(folder, "channels-last.ome.zarr");
  const image = await readMultiscales(two);
  await createGroup(odd, { attributes: {} });
  const order = ["t", "z", "y", "x", "c"];
  const axes = order.flatMap((name) => image.axes.filter((axis) => axis.name === name));
  await writeMultiscales(odd, { ...image, axes });
}
