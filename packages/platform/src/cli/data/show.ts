import { stat } from "node:fs/promises";
import { join } from "node:path";
import { requestOf } from "../config-verb.ts";
import { composeFlags, overrideOperand } from "../run-flags.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { wholeNumbers } from "./numbers.ts";

const axes = ["T", "Z", "Y", "X"];

export const showVerb = verb({
  name: "show",
  summary: "draw a sample as the model sees it, or a part of an image, as PNG",
  description: [
    "With --config-name, a sample of that run is drawn, by the run's own loader, transforms and masks: the planes XY, XZ and YZ of what was read, with the instances of its labels, and beside them what the model gets, hidden patches in grey. Any preprocessor may be asked for (datasets/preprocessor=...): its labels, boxes, classes or the image to predict are drawn too, though no model can be trained on them yet. Overrides are those of cello train.",
    "With --image, a block of that image is drawn, its frames and channels side by side.",
  ].join("\n"),
  examples: [
    "cello data show --config-name experiments/nuclei_mae",
    "cello data show --config-name experiments/nuclei_mae --split val --index 3 --boxes",
    "cello data show --config-name experiments/nuclei_mae datasets/preprocessor=instance_segmentation_preprocessor --boxes",
    "cello data show --image data/mine/stack.ome.zarr --max-projection --out stack.png",
    "cello data show --image data/mine/movie.ome.zarr --at 4,0,64,64 --size 4,16,64,64",
  ],
  flags: {
    ...composeFlags,
    image: { kind: "text", value: "PATH", help: "an OME-Zarr image, in place of a run's sample" },
    at: {
      kind: "text",
      value: "T,Z,Y,X",
      help: "where the block of --image begins; else its middle",
    },
    size: { kind: "text", value: "T,Z,Y,X", help: "size of the block; else all of it, 4 frames" },
    split: {
      kind: "choice",
      choices: ["train", "val"],
      default: "train",
      help: "of the run's samples: those that are trained on, or those held out",
    },
    index: { kind: "integer", value: "N", min: 0, default: 0, help: "number of the sample" },
    epoch: { kind: "integer", value: "N", min: 0, default: 0, help: "its epoch, from 0" },
    boxes: { kind: "switch", help: "draw the box of each instance" },
    "max-projection": { kind: "switch", help: "the largest value along the third axis, no planes" },
    out: { kind: "text", value: "FILE", help: "the PNG; else shown-....png in this folder" },
  },
  operands: [overrideOperand],
  async run({ flags, operands, signal, output }) {
    const { writePicture } = await import("../../images/index.ts");
    const projection = flags["max-projection"] ? ("maximum" as const) : ("none" as const);
    const how = { projection, drawsBoxes: flags.boxes, signal };
    if (flags.image !== undefined) {
      const { imageName, showImage } = await import("../../images/index.ts");
      if (flags["config-name"] !== undefined || operands.length > 0) {
        throw new UsageError("--image goes without a config", "Leave out --config-name.");
      }
      await requireFolder(flags.image);
      const { png, origin, shape, whyNoLabels } = await showImage(flags.image, {
        at: place("at", flags.at),
        size: sizes(flags.size),
        ...how,
      });
      const file = flags.out ?? `shown-${imageName(flags.image)}.png`;
      writePicture(file, png);
      output.json({ file, image: flags.image, origin, shape });
      output.line(`${file}: ${shape.join(" x ")} (T Z Y X) from ${origin.join(", ")} on`);
      if (whyNoLabels !== null) output.note(`its labels are not drawn: ${whyNoLabels}`);
      return 0;
    }
    if (flags["config-name"] === undefined && operands.length === 0) {
      throw new UsageError(
        "expected --config-name NAME, or --image PATH",
        "`cello config list` prints the names of configs, `cello data list` images.",
      );
    }
    if (flags.at !== undefined || flags.size !== undefined) {
      throw new UsageError("--at and --size go with --image", "--index chooses a sample of a run.");
    }
    const { planJob } = await import("../../config/index.ts");
    const { showSample } = await import("../../catalog/index.ts");
    const job = planJob(requestOf({ ...flags, multirun: false }, operands));
    if (job.kind !== "one") {
      throw new UsageError("expected the config of one run, got several", "Name one of them.");
    }
    const { split, index, epoch } = flags;
    const { config } = job;
    const say = (line: string) => output.note(line);
    const { png, sampleId, hiddenPart, objects } = await showSample({
      ...{ config, split, index, epoch, say },
      ...how,
    });
    const file =
      flags.out ?? join(`shown-${config.experiment_name}-${split}-${epoch}-${index}.png`);
    writePicture(file, png);
    const found = objects && {
      ids: [...objects.ids],
      classes: [...objects.labels],
      boxes: Array.from(objects.boxes, (edge) => Math.round(edge * 1000) / 1000), // of float32's digits
      isPresent: [...objects.isPresent],
    };
    output.json({ file, sampleId, split, index, epoch, hiddenPart, objects: found });
    const instances = objects ? `, ${objects.ids.length} instances` : "";
    output.line(`${file}: ${sampleId}, ${Math.round(100 * hiddenPart)} % hidden${instances}`);
    return 0;
  },
});

/** A TIFF or an array of NumPy's is an image, too, but none that is drawn as it is. */
async function requireFolder(path: string): Promise<void> {
  const status = await stat(path).catch(() => null);
  if (status?.isDirectory()) return;
  const why = status ? "is a file, and no OME-Zarr image" : "is not there";
  throw new UsageError(`${path} ${why}`, "`cello data import` makes an OME-Zarr image of a file.");
}

function sizes(text: string | undefined) {
  if (text === undefined) return null;
  const [t = 1, z = 1, y = 1, x = 1] = wholeNumbers(text, "size", axes);
  return [t, z, y, x] as const;
}

function place(flag: string, text: string | undefined) {
  if (text === undefined) return null;
  const found = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [t = 0, z = 0, y = 0, x = 0] = found;
  if (found.length === 4 && found.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    return [t, z, y, x] as const;
  }
  const message = `--${flag} takes 4 whole numbers from 0, ${axes.join(",")}; got "${text}"`;
  throw new UsageError(message, `For example --${flag} 0,0,64,64`);
}
