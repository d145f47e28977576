import { basename, dirname, resolve } from "node:path";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { catalogueFile } from "./data-folder.ts";
import { eachImage } from "./each-image.ts";
import { wholeNumbers } from "./numbers.ts";
import { taskProgress } from "./task-progress.ts";

const axes = ["T", "Z", "Y", "X"];

export const catalogueVerb = verb({
  name: "catalogue",
  summary: "list OME-Zarr images and their hypercubes in a catalogue",
  description: [
    "Every image in each FOLDER, at any depth, becomes a tile, and is cut into hypercubes, with the part of occupied voxels, exact percentiles of the counts of each, and the boxes of the cells of its labels. Ours, ome-zarr-py's and bioformats2raw's are read, OME-Zarr 0.4 and 0.5.",
    "Voxels are read once. An image whose files are as they were is not read again; one that has changed is listed anew. A catalogue that was stopped or killed goes on where it was with the same command.",
  ].join("\n"),
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
    again: { kind: "switch", help: "read images again that have not changed" },
    "memory-mib": { kind: "integer", value: "N", min: 16, default: 512, help: "memory for voxels" },
  },
  operands: [{ name: "FOLDER", help: "a folder of images, or one image", isVariadic: true }],
  async run({ flags, operands: folders, signal, output }) {
    const { DataError, findImages, imageRows, preparedIdOf, scansOf } = await import(
      "../../images/index.ts"
    );
    const { CatalogueWriter } = await import("../../database/index.ts");
    const [t = 1, z = 1, y = 1, x = 1] = wholeNumbers(flags.cube, "cube", axes);
    const apart = flags.stride === undefined ? null : wholeNumbers(flags.stride, "stride", axes);
    const [byT = 1, byZ = 1, byY = 1, byX = 1] = apart ?? [];
    const stride = apart && ([byT, byZ, byY, byX] as const);
    const catalogue = flags.catalogue ?? catalogueFile();
    // Nobody else can open the catalogue while it is written: asked now, done when there is something.
    await (await CatalogueWriter.open(catalogue))[Symbol.asyncDispose]();
    const known = await knownTiles(catalogue);
    const images: string[] = [];
    for (const folder of folders) {
      const found = await findImages(folder).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new UsageError(`${folder} cannot be listed: ${why}`, "Name a folder of images.");
      });
      for (const { path, reason } of found.others) output.note(`${path} is left out: ${reason}`);
      if (found.images.length === 0) {
        const hint = "Import images first: cello data import";
        throw new UsageError(`${folder} has no OME-Zarr image in it`, hint);
      }
      images.push(...found.images);
    }
    const say = await taskProgress(output);
    return await eachImage(images, output, async (path) => {
      const id = `${flags.roi ?? preparedIdOf(path)}/${basename(resolve(path))}`;
      const other = known.get(id);
      if (other !== undefined && other !== resolve(path)) {
        const message = `${path} would take the place of ${other}: both are ${id}`;
        throw new DataError("DATA_EXISTS", message, {
          hint: "Give the images of each folder an acquisition of their own: --roi NAME.",
        });
      }
      await using rows = await imageRows(path, {
        grids: [{ cubeShape: [t, z, y, x], stride }],
        home: dirname(catalogue),
        scans: scansOf(catalogue),
        prepared_id: flags.roi ?? null,
        rereads: flags.again || other === undefined,
        memoryBytes: flags["memory-mib"] * 2 ** 20,
        signal,
        onProgress: (done) => say(path, done),
      });
      if (!rows) {
        output.json({ path, outcome: "present" });
        output.line(`${path}: has not changed, and is listed already`);
        return;
      }
      const { tile, numHypercubes, missingChunks, whyNoLabels } = rows;
      await using writer = await CatalogueWriter.open(catalogue, { waitMs: 60_000, signal });
      await writer.put(tile, rows.hypercubes());
      await rows.settle();
      known.set(id, resolve(path));
      output.json({ path, outcome: "listed", numHypercubes, missingChunks, tile });
      output.line(`${path}: ${numHypercubes} hypercubes of ${t} x ${z} x ${y} x ${x}`);
      if (whyNoLabels !== null) output.note(`${path}: its labels are left out: ${whyNoLabels}`);
      if (missingChunks > 0) output.note(missingNote(path, missingChunks));
    });
  },
});

/** The images that the catalogue lists: their folders by ROI and tile. */
async function knownTiles(catalogue: string): Promise<Map<string, string>> {
  const { DuckDbDatabase } = await import("../../database/index.ts");
  await using database = await DuckDbDatabase.open({ catalogue_path: catalogue });
  const known = new Map<string, string>();
  for await (const tile of database.tiles()) {
    const { prepared_id, tile_name, server_folder, output_folder } = tile;
    known.set(`${prepared_id}/${tile_name}`, resolve(server_folder, output_folder, tile_name));
  }
  return known;
}

function missingNote(path: string, missingChunks: number): string {
  const chunks = missingChunks === 1 ? "1 chunk is" : `${missingChunks} chunks are`;
  return `${path}: ${chunks} not on disk; their voxels count as the fill value`;
}
