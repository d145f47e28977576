import { z } from "zod";

/** Config group `paths`: where this site keeps data, and where the run writes. */
export const PathsConfig = z
  .strictObject({
    data_path: z
      .string()
      .min(1)
      .describe("root folder of data; relative to where cello is started"),
    outdir: z
      .string()
      .min(1)
      .describe("folder of this run: its config, logs, checkpoints, predictions"),
    server_folder_path: z
      .string()
      .nullable()
      .default(null)
      .describe("root folder of volumes on a storage server; null: volumes lie under data_path"),
    resume_checkpointdir: z
      .string()
      .nullable()
      .default(null)
      .describe("continue the run whose checkpoints lie here; null: this run's own, if any"),
    pretrained_checkpointdir: z
      .string()
      .nullable()
      .default(null)
      .describe("start from the weights of this checkpoint; null: from random weights"),
  })
  .readonly();
export type PathsConfig = z.infer<typeof PathsConfig>;
