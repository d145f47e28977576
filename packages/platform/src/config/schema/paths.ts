import type { z } from "zod";
import { group, keys, ofLaunchers, orNull, text } from "./key.ts";

/** Config group `paths`: where this site keeps data, and where the run writes. */
export const PathsConfig = group("where this site keeps data, and where the run writes", () =>
  keys({
    data_path: text("root folder of data; relative to where cello is started"),
    outdir: text("folder of this run: its config, logs, checkpoints, predictions"),
    server_folder_path: orNull(
      text("root folder of volumes on a storage server; null: volumes lie under data_path"),
    ),
    resume_checkpointdir: orNull(
      text("continue the run whose checkpoints lie here; null: this run's own, if any"),
    ),
    pretrained_checkpointdir: orNull(
      text("start from the weights of this checkpoint; null: from random weights"),
    ),
    repo_path: orNull(text(`folder of the program's sources (${ofLaunchers})`)),
    workdir: orNull(text(`the same folder as a container sees it (${ofLaunchers})`)),
    docker_image: orNull(text(`Docker image that jobs start in; null: none (${ofLaunchers})`)),
    apptainer_image: orNull(
      text(`Apptainer image that jobs start in; null: none (${ofLaunchers})`),
    ),
    ray_script: orNull(text(`script that starts a Ray cluster (${ofLaunchers})`)),
    runner_script: orNull(text(`program that a Ray cluster's head runs (${ofLaunchers})`)),
    dotenv_path: orNull(text("file of environment variables, secrets among them")),
  }).refine((c) => c.docker_image === null || c.apptainer_image === null, {
    path: ["apptainer_image"],
    error: "must be null where docker_image is given: a job runs in one container",
  }),
);
export type PathsConfig = z.infer<typeof PathsConfig>;
