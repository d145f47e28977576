import { checkpointFlag, whichCheckpoint } from "./checkpoint-flag.ts";
import { configVerb } from "./config-verb.ts";

export const predict = configVerb({
  name: "predict",
  summary: "rebuild a masked volume with a trained model, and draw it",
  description: [
    "Hides patches of a volume as in training, has the model rebuild them, and writes an OME-Zarr",
    "image (input, masked, reconstruction), a PNG of orthogonal slices, and the errors on hidden",
    "voxels beside those of two simple guesses, to inference/ in the run's folder. Without --image,",
    "the volume is the one of the held-out samples, and the errors are of these samples alone.",
  ].join("\n"),
  examples: [
    "cello predict --config-name=experiments/nuclei_mae",
    "cello predict --config-name=experiments/nuclei_mae --checkpoint latest",
    "cello predict --config-name=experiments/nuclei_mae --image data/yours/stack.ome.zarr",
  ],
  flags: {
    checkpoint: checkpointFlag,
    image: { kind: "text", value: "FOLDER", help: "the OME-Zarr image to rebuild" },
    frame: { kind: "integer", value: "T", min: 0, help: "first frame of a movie, from 0" },
  },
  async run({ config, configName, flags, signal, output }) {
    const { errorLines, inSession, predictRun } = await import("../catalog/index.ts");
    const { systemClock } = await import("../telemetry/index.ts");
    const run = {
      config,
      configName,
      checkpoint: whichCheckpoint(flags.checkpoint),
      image: flags.image ?? null,
      frame: flags.frame ?? null,
      signal,
      note: (text: string) => output.note(text),
    };
    const session = { ...run, job: "predict", command: process.argv, clock: systemClock } as const;
    const result = await inSession(session, () => predictRun(run));
    const { zarr, picture, report, curve } = result;
    output.json(result);
    for (const line of errorLines(result)) output.line(line);
    output.line(`volume      ${zarr}`);
    output.line(`picture     ${picture}`);
    if (curve !== null) output.line(`curve       ${curve}`);
    output.line(`figures     ${report}`);
    return 0;
  },
});
