import { configVerb } from "./config-verb.ts";
import { UsageError } from "./usage-error.ts";

/** The reference platform's entry: the verb is the config's `job_type`. */
export const manager = configVerb({
  name: "manager",
  summary: "do what a config's job_type says: train, test or predict",
  description: [
    "The entry of the reference platform, manager.py: run_type says whether it is one run or a list",
    "of runs (multi_run), job_type what each does. A search (tune) is composed and checked, and then",
    "refused. In the repository: npm run manager -- --config-name=...",
  ].join("\n"),
  examples: [
    "cello manager --config-name=configs/test_pretrain_4d_mae_local.yaml",
    "cello manager --config-name=benchmarks/training_4d_sweep --fail-fast",
    "cello manager --config-name=experiments/nuclei_mae job_type=predict",
    "cello manager --config-name=experiments/nuclei_mae -m optimizers.lr=1e-3,5e-4",
  ],
  flags: {
    fresh: { kind: "switch", help: "train: start over; the run that is there is kept as NAME-1" },
    "accept-new-data": {
      kind: "switch",
      help: "train: go on though the data have changed since they were trained on",
    },
  },
  async run({ config, configName, flags, ...call }) {
    const { job_type } = config;
    const lonely = (["fresh", "accept-new-data"] as const).find((name) => flags[name]);
    if (lonely !== undefined && job_type !== "train") {
      throw new UsageError(`--${lonely} is for training; the job is ${job_type}`, "Leave it away.");
    }
    const run = { ...call, config, configName };
    switch (job_type) {
      case "train":
        return (await import("./train.ts")).train.start(run, flags);
      case "test":
        return (await import("./eval.ts")).evaluate.start(run);
      case "predict":
        return (await import("./predict.ts")).predict.start(run);
      default:
        return job_type satisfies never;
    }
  },
});
