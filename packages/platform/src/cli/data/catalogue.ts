import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { catalogueFile } from "./data-folder.ts";
import { wholeNumbers } from "./numbers.ts";
import { taskProgress } from "./task-progress.ts";

const axes = ["T", "Z", "Y", "X"];

export const catalogueVerb = verb({
  name: "catalogue",
  summary: "list OME-Zarr images and their hypercubes in a catalogue",
  description:
    "Every image in FOLDER (named *.zarr) becomes a tile, and is cut into hypercubes, with the part of occupied voxels and percentiles of the counts of each. An image that is listed already is listed anew.",
  examples: [
    "cello data catalogue data/mine",
    "cello data catalogue data/mine --cube 4,16,64,64 --stride 4,8,32,32",
  ],
  flags: {
    catalogue: {
      kind: "text",
      value: "FILE",
      help: "the catalogue, made when there is none; else catalogue.duckdb in DATA_DIR, or in data/",
    },
    cube: { kind: "text", value: "T,Z,Y,X", default: "1,16,64,64", help: "size of a hypercube" },
    stride: { kind: "text", value: "T,Z,Y,X", help: "distance of hypercubes; else side by side" },
    roi: { kind: "text", value: "NAME", help: "the acquisition that all are of; else their names" },
  },
  operands: [{ name: "FOLDER", help: "a folder of images, or one image" }],
  async run({ flags, operands: [folder = ""], signal, output }) {
    const { imageRows } = await import("../../data/index.ts");
    const { CatalogueWriter } = await import("../../database/index.ts");
    const [t = 1, z = 1, y = 1, x = 1] = wholeNumbers(flags.cube, "cube", axes);
    const apart = flags.stride === undefined ? null : wholeNumbers(flags.stride, "stride", axes);
    const [byT = 1, byZ = 1, byY = 1, byX = 1] = apart ?? [];
    const stride = apart && ([byT, byZ, byY, byX] as const);
    const paths = await imagesIn(folder);
    const say = taskProgress(output);
    const catalogue = flags.catalogue ?? catalogueFile();
    // Nobody else can open the catalogue while it is written: asked now, done when there is something.
    await (await CatalogueWriter.open(catalogue))[Symbol.asyncDispose]();
    for (const path of paths) {
      const { tile, hypercubes, missingChunks } = await imageRows(path, {
        grids: [{ cubeShape: [t, z, y, x], stride }],
        home: dirname(catalogue),
        prepared_id: flags.roi ?? null,
        signal,
        onProgress: (done) => say(path, done),
      });
      await using writer = await CatalogueWriter.open(catalogue, { waitMs: 60_000, signal });
      await writer.put(tile, hypercubes);
      const numHypercubes = hypercubes.length;
      output.json({ path, numHypercubes, missingChunks, tile });
      output.line(`${path}: ${numHypercubes} hypercubes of ${t} x ${z} x ${y} x ${x}`);
      if (missingChunks > 0) output.note(missingNote(path, missingChunks));
    }
    return 0;
  },
});

function missingNote(path: string, missingChunks: number): string {
  const chunks = missingChunks === 1 ? "1 chunk is" : `${missingChunks} chunks are`;
  return `${path}: ${chunks} not on disk; their voxels count as the fill value`;
}

async function imagesIn(folder: string): Promise<string[]> {
  if (folder.replace(/\/$/, "").endsWith(".zarr")) return [folder];
  const names = await readdir(folder).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${folder} cannot be listed: ${why}`, "Name a folder of OME-Zarr images.");
  });
  const images = names.filter((name) => name.endsWith(".zarr")).sort();
  if (images.length > 0) return images.map((name) => join(folder, name));
  throw new UsageError(
    `${folder} has no folder named *.zarr`,
    "Import images first: cello data import",
  );
}
