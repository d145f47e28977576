import { basename, join, resolve } from "node:path";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { dataFolder } from "./data-folder.ts";
import { eachImage } from "./each-image.ts";
import { numbers, wholeNumbers } from "./numbers.ts";
import { taskProgress } from "./task-progress.ts";

const space = ["Z", "Y", "X"];
const timeAndSpace = ["T", "Z", "Y", "X"];

export const importVerb = verb({
  name: "import",
  summary: "write TIFF, NumPy, folders of planes and OME-Zarr as OME-Zarr of ours",
  description: [
    "Each PATH becomes DIR/NAME.ome.zarr: axes T C Z Y X, NGFF 0.5, Zarr v3 with shards. A PATH is a TIFF (OME-TIFF, BigTIFF, ImageJ hyperstack), an .npy or .npz, a PNG, a folder with a TIFF or PNG for each plane or time point, or an OME-Zarr image (0.4, 0.5, bioformats2raw's).",
    "Files are read part by part, of any size. An image appears when it is whole: an import that was stopped or killed goes on where it was with the same command, and images that are there are left alone. 8-bit images are stored in 16 bits, with the same numbers; nothing is rounded or cut.",
  ].join("\n"),
  examples: [
    "cello data import stack.tif --out data/mine",
    "cello data import stack.tif --labels mask.tif --voxel-size 0.8,0.4,0.4 --out data/mine",
    "cello data import movie.npy --axes TZYX --dtype uint16 --out data/mine",
    "cello data import planes/ --pattern 'img_t{T}_z{Z}.tif' --out data/mine",
    "cello data import other.zarr --chunk 1,32,128,128 --codec zstd --out data/mine",
    "cello data import /store/large.ome.zarr --reference --out data/mine",
  ],
  flags: {
    out: {
      kind: "text",
      value: "DIR",
      help: "folder of the images; else imported/ in DATA_DIR, or in data/",
    },
    labels: { kind: "text", value: "PATH", help: "instance labels of the one PATH, any format" },
    axes: {
      kind: "text",
      value: "AXES",
      help: "axes of the file, slowest first, such as TZYX; TYX for a TIFF whose pages are frames",
    },
    pattern: {
      kind: "text",
      value: "NAME",
      help: "where T, Z and C stand in names: 't{T}_z{Z}*.tif'; else found by the names themselves",
    },
    member: { kind: "text", value: "NAME", help: "the array in an .npz; else its only one" },
    "labels-member": { kind: "text", value: "NAME", help: "the same for an .npz of --labels" },
    dtype: {
      kind: "choice",
      choices: ["uint8", "uint16", "int16", "float32"],
      help: "number type; else the file's",
    },
    "voxel-size": { kind: "text", value: "Z,Y,X", help: "edge of a voxel, in micrometres" },
    chunk: { kind: "text", value: "T,Z,Y,X", help: "what is read at once; else 1,16,64,64" },
    shard: { kind: "text", value: "T,Z,Y,X", help: "what one file holds; else 1,64,256,256" },
    codec: {
      kind: "choice",
      choices: ["blosc-zstd", "blosc-lz4", "zstd", "gzip", "none"],
      help: "compression of chunks; else blosc-zstd",
    },
    reference: {
      kind: "switch",
      help: "an OME-Zarr image is not copied: DIR gets a link to it",
    },
    "memory-mib": { kind: "integer", value: "N", min: 16, default: 256, help: "memory for voxels" },
    synthetic: { kind: "switch", help: "the images are simulated" },
    hpf: { kind: "number", value: "HOURS", min: 0, help: "hours post fertilisation" },
  },
  operands: [{ name: "PATH", help: "a file, or a folder of planes or Zarr", isVariadic: true }],
  async run({ flags, operands, signal, output }) {
    const { imageName, importImage, linkImage } = await import("../../images/index.ts");
    if (flags.reference) requireNothingElse(flags);
    if (flags.labels !== undefined && operands.length !== 1) {
      throw new UsageError(
        `--labels goes with one image; got ${operands.length}`,
        "Import them one by one.",
      );
    }
    const size = flags["voxel-size"];
    const edges = size === undefined ? null : numbers(size, "voxel-size", space);
    const [z = 1, y = 1, x = 1] = edges ?? [];
    const sizes = (flag: "chunk" | "shard") =>
      flags[flag] === undefined ? null : wholeNumbers(flags[flag], flag, timeAndSpace);
    const options = {
      labels: flags.labels ?? null,
      axes: flags.axes?.toUpperCase() ?? null,
      pattern: flags.pattern ?? null,
      member: flags.member ?? null,
      labelsMember: flags["labels-member"] ?? null,
      dtype: flags.dtype ?? null,
      voxelSizeUm: edges && ([z, y, x] as const),
      chunk: sizes("chunk"),
      shard: sizes("shard"),
      codec: flags.codec ?? null,
      memoryBytes: flags["memory-mib"] * 2 ** 20,
      attributes: {
        is_synthetic: flags.synthetic,
        ...(flags.hpf !== undefined && { hpf: flags.hpf }),
      },
      signal,
    };
    const say = await taskProgress(output);
    const out = flags.out ?? join(dataFolder(), "imported");
    const targets = operands.map((file) => join(out, `${imageName(resolve(file))}.ome.zarr`));
    requireApart(operands, targets);
    const code = await eachImage(operands, output, async (file, i) => {
      const path = targets[i] ?? "";
      if (flags.reference) {
        const { shape, dtype, isNew } = await linkImage(file, path);
        output.json({ path, outcome: isNew ? "linked" : "present", shape, dtype });
        output.line(`${path}: a link to ${file}, ${shape.join(" x ")} (T Z Y X C), ${dtype}`);
        return;
      }
      const onProgress = (done: number) => say(file, done);
      const image = await importImage(file, path, { ...options, onProgress });
      output.json({ path, ...image });
      output.line(`${path}: ${sentence(image)}`);
      if (image.labelsLeftOut.length > 0) {
        const names = image.labelsLeftOut.map((folder) => basename(folder)).join(", ");
        output.note(`${file}: an image has one set of labels here; left out: ${names}`);
      }
      if (image.missingChunks > 0) {
        const chunks =
          image.missingChunks === 1 ? "1 chunk is" : `${image.missingChunks} chunks are`;
        output.note(`${file}: ${chunks} not there; their voxels are the fill value now`);
      }
    });
    output.line(`next: cello data catalogue ${shellWord(out)}`);
    return code;
  },
});

type Imported = Awaited<ReturnType<typeof import("../../images/index.ts").importImage>>;

function sentence(image: Imported): string {
  const { shape, dtype, layoutFrom, voxelSizeUm, bytes, seconds, outcome, hasLabels } = image;
  const [z, y, x] = voxelSizeUm.map((um) =>
    um === null ? "?" : String(Number(um.toPrecision(4))),
  );
  const isSized = voxelSizeUm.some((um) => um !== null);
  const parts = [
    `${shape.join(" x ")} (T Z Y X C, as said by ${layoutFrom})`,
    hasLabels ? `${dtype} with labels` : dtype,
    isSized ? `voxels of ${z} x ${y} x ${x} um` : "voxel size not known (--voxel-size Z,Y,X)",
  ];
  if (outcome === "present") return [...parts, "was there already"].join(", ");
  if (outcome === "resumed") return [...parts, "went on where it was"].join(", ");
  // Of a small file, it is the start of the program that takes time.
  const speed = bytes > 1e8 ? [`${(bytes / 1e6 / seconds).toFixed(0)} MB/s`] : [];
  return [...parts, ...speed].join(", ");
}

/** A link leads to what is there: whatever else is asked for would be dropped without a word. */
function requireNothingElse(flags: Readonly<Record<string, unknown>>): void {
  const kept = ["reference", "out", "json", "trace", "memory-mib", "synthetic"];
  const asked = Object.keys(flags).filter((flag) => flags[flag] !== undefined);
  const lost = asked.filter((flag) => !kept.includes(flag)).map((flag) => `--${flag}`);
  if (flags.synthetic === true) lost.push("--synthetic");
  if (lost.length === 0) return;
  throw new UsageError(
    `--reference leaves an image as it is, without ${lost.join(", ")}`,
    "Leave them out, or --reference: then the image is copied.",
  );
}

/** A path as it is typed. */
const shellWord = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** Two files of one name would be one image. */
function requireApart(files: readonly string[], targets: readonly string[]): void {
  const second = targets.findIndex((path, i) => targets.indexOf(path) !== i);
  if (second < 0) return;
  const first = files[targets.indexOf(targets[second] ?? "")];
  throw new UsageError(
    `${first} and ${files[second]} would both become ${targets[second]}`,
    "Import them one by one, each with an --out of its own.",
  );
}
