import { checkpointFlag, whichCheckpoint } from "./checkpoint-flag.ts";
import { configVerb } from "./config-verb.ts";

export const evaluate = configVerb({
  name: "eval",
  summary: "measure a trained model on the samples that training did not see",
  description: [
    "The job test of the reference platform. The loss is that of a validation, and the errors on",
    "hidden voxels stand beside those of two simple guesses; both are of the held-out samples, all",
    "of them, or evaluation.val_max_batches batches. They are written to evaluation.json in the",
    "run's folder. cello predict also rebuilds a volume.",
  ].join("\n"),
  examples: [
    "cello eval --config-name=experiments/nuclei_mae",
    "cello eval --config-name=experiments/nuclei_mae --checkpoint latest --json",
  ],
  flags: { checkpoint: checkpointFlag },
  async run({ config, configName, flags, signal, output }) {
    const { errorLines, evaluateRun, inSession } = await import("../catalog/index.ts");
    const { systemClock } = await import("../telemetry/index.ts");
    const run = {
      config,
      configName,
      checkpoint: whichCheckpoint(flags.checkpoint),
      signal,
      note: (text: string) => output.note(text),
    };
    const session = { ...run, job: "test", command: process.argv, clock: systemClock } as const;
    const result = await inSession(session, () => evaluateRun(run));
    const { step, numSamples, losses, errors, unit, subject, report } = result;
    output.json({ step, num_samples: numSamples, subject, losses, errors, unit, report });
    const width = Math.max(...Object.keys(losses).map((name) => name.length)) + 2;
    output.line(`${"checkpoint".padEnd(width)}step ${step}`);
    for (const [name, value] of Object.entries(losses)) {
      output.line(`${name.padEnd(width)}${value.toPrecision(6)} over ${numSamples} ${subject}`);
    }
    for (const line of errorLines({ errors, subject, unit })) output.line(line);
    output.line(`${"figures".padEnd(width)}${report}`);
    return 0;
  },
});
