import { configVerb } from "./config-verb.ts";

export const train = configVerb({
  name: "train",
  summary: "train a model; the same command goes on where it stopped",
  description: [
    "Everything about the run comes from the config; a.b=1 changes a value of it. The run lives in",
    "paths.outdir (runs/EXPERIMENT_NAME): config, logs, checkpoints, curve. Ctrl-C once finishes the",
    "step, saves and ends with exit code 75; twice ends at once, and loses what came after the last",
    "save. Started again, the run continues, bit for bit as if it had not stopped.",
  ].join("\n"),
  examples: [
    "cello train --config-name=experiments/nuclei_mae",
    "cello train --config-name=experiments/nuclei_mae trainer.epochs=40 optimizers.lr=5e-4 experiment_name=longer",
    "cello train --config-name=experiments/nuclei_mae --check",
    "cello train --config-name=experiments/nuclei_mae --fresh",
  ],
  flags: {
    fresh: { kind: "switch", help: "start over; the run that is there is kept as NAME-1" },
    "accept-new-data": {
      kind: "switch",
      help: "go on though the data have changed since they were trained on",
    },
    check: {
      kind: "switch",
      alias: "dry-run",
      help: "one batch end to end and the estimates, then stop",
    },
  },
  async run({ config, overrides, flags, signal, output }) {
    const { checkRun, trainRun } = await import("../catalog/index.ts");
    const { systemClock } = await import("../telemetry/index.ts");
    if (flags.check) {
      const report = await checkRun({
        config,
        signal,
        clock: systemClock,
        note: (text) => output.note(text),
      });
      output.json(report.facts);
      for (const line of report.lines) output.line(line);
      return 0;
    }
    const result = await trainRun({
      config,
      overrides,
      isFresh: flags.fresh,
      acceptsNewData: flags["accept-new-data"],
      command: process.argv,
      signal,
      clock: systemClock,
      stream: process.stderr,
      note: (text) => output.note(text),
    });
    const { kind, reason, step, fromStep, folder, bestStep, curve, advice } = result;
    output.json({ kind, reason, step, folder, best_step: bestStep, curve });
    if (kind === "stopped") {
      output.line(`Stopped after step ${step}, and saved. The same command goes on from here.`);
      return 75;
    }
    if (fromStep === step) {
      output.line(`This run is finished: ${reason}.`);
      output.line(advice);
    } else output.line(`Done: ${reason}.`);
    output.line(`run         ${folder}`);
    if (bestStep !== null) output.line(`checkpoint  ${folder}/checkpoints/best (step ${bestStep})`);
    if (curve !== null) output.line(`curve       ${curve}`);
    return 0;
  },
});
