import { basename, join } from "node:path";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { dataFolder } from "./data-folder.ts";
import { numbers } from "./numbers.ts";
import { taskProgress } from "./task-progress.ts";

export const importVerb = verb({
  name: "import",
  summary: "write TIFF, OME-TIFF and ImageJ stacks as OME-Zarr",
  description:
    "Each FILE becomes DIR/NAME.ome.zarr: axes T Z Y X C, NGFF 0.5, Zarr v3 with shards. Files are read plane by plane, of any size; an image appears when it is whole. 8-bit images are stored in 16 bits, with the same numbers.",
  examples: [
    "cello data import stack.tif --out data/mine",
    "cello data import stack.tif --labels mask.tif --voxel-size-um 0.8,0.4,0.4 --out data/mine",
  ],
  flags: {
    out: {
      kind: "text",
      value: "DIR",
      help: "folder of the images; else imported/ in DATA_DIR, or in data/",
    },
    labels: { kind: "text", value: "FILE", help: "instance labels of the one FILE" },
    pages: {
      kind: "choice",
      choices: ["z", "t"],
      default: "z",
      help: "what pages are when the file does not say: planes, or frames",
    },
    dtype: { kind: "choice", choices: ["uint16"], help: "number type; else the file's" },
    "voxel-size-um": { kind: "text", value: "Z,Y,X", help: "edge of a voxel, in micrometres" },
    synthetic: { kind: "switch", help: "the images are simulated" },
    hpf: { kind: "number", value: "HOURS", min: 0, help: "hours post fertilisation" },
  },
  operands: [{ name: "FILE", help: "a TIFF file", isVariadic: true }],
  async run({ flags, operands, signal, output }) {
    const { importTiff } = await import("../../data/index.ts");
    if (flags.labels !== undefined && operands.length !== 1) {
      throw new UsageError(
        `--labels goes with one file; got ${operands.length}`,
        "Import them one by one.",
      );
    }
    const size = flags["voxel-size-um"];
    const edges = size === undefined ? null : numbers(size, "voxel-size-um", ["Z", "Y", "X"]);
    const [z = 1, y = 1, x = 1] = edges ?? [];
    const say = taskProgress(output);
    const out = flags.out ?? join(dataFolder(), "imported");
    for (const file of operands) {
      const path = join(out, `${basename(file).replace(/(\.ome)?\.tiff?$/i, "")}.ome.zarr`);
      const image = await importTiff(file, path, {
        labels: flags.labels ?? null,
        pagesAre: flags.pages === "t" ? "T" : "Z",
        dtype: flags.dtype ?? null,
        voxelSizeUm: edges && [z, y, x],
        attributes: {
          is_synthetic: flags.synthetic,
          ...(flags.hpf !== undefined && { hpf: flags.hpf }),
        },
        signal,
        onProgress: (done) => say(basename(file), done),
      });
      const { shape, dtype, layoutFrom, voxelSizeUm, bytes, seconds } = image;
      output.json({ path, ...image });
      const edge = voxelSizeUm.map((um) => um ?? "unknown").join(" x ");
      output.line(
        `${path}: ${shape.join(" x ")} (T Z Y X C, as ${layoutFrom} has it), ${dtype}, voxels of ${edge} um, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s`,
      );
    }
    output.line(`next: cello data catalogue ${out}`);
    return 0;
  },
});
