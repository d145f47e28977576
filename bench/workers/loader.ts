// Trains a masked autoencoder (ViT small) from an image on disk, and says how long steps waited for
// their data, and how much processor time its reading took.
//
//   node bench/workers/loader.ts --folder FOLDER --case CASE --steps N

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Generator, setNumThreads } from "@cell-observatory/engine";
import { composeRun, type MaeConfig } from "../../packages/platform/src/config/index.ts";
import {
  Dataloader,
  HypercubeSource,
  maskGenerator,
  rayPreprocessor,
  splitHypercubes,
  trainingSampler,
} from "../../packages/platform/src/data/index.ts";
import { buildMae } from "../../packages/platform/src/models/index.ts";
import { tokenGrid } from "../../packages/platform/src/nn/index.ts";
import { AdamW, forwardBackward } from "../../packages/platform/src/training/index.ts";
import { type LoaderCase, loaderCases, tableOfImages } from "../loader/cases.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "" },
    case: { type: "string", default: "" },
    steps: { type: "string", default: "20" },
  },
});
const found = loaderCases.find(({ name }) => name === values.case);
if (!found) throw new Error(`no case ${values.case}`);
console.log(JSON.stringify(await trained(found, Number(values.steps))));

async function trained(it: LoaderCase, steps: number) {
  const { layout, shape, patch, batchSize, cube } = it;
  const { config } = composeRun({
    configName: "experiments/vit_small_mae",
    overrides: [],
    configDirs: [],
    env: {},
  });
  const { mae } = config.models.meta_arch;
  if (!mae) throw new Error("the experiment has no masked autoencoder");
  const own = { input_fmt: layout, input_shape: shape, patch_shape: patch };
  const modelConfig = { ...mae, ...own } as MaeConfig;
  setNumThreads(2);
  const model = buildMae(modelConfig, new Generator(0));
  const optimizer = new AdamW([{ parameters: model.namedParameters(), wd: 5e-5 }], {
    betas: [0.9, 0.99],
    eps: 1e-8,
  });
  const grid = tokenGrid({ input_fmt: layout, input_shape: shape, patch_shape: patch });
  const prepare = rayPreprocessor(config.datasets.preprocessor, {
    layout,
    device: "cpu",
    seed: 0,
    maskGenerator: maskGenerator(config.datasets.masking, grid),
    grid,
  });
  const table = await tableOfImages(values.folder, it);
  const split = await splitHypercubes(table, { fraction: 0, seed: 0 });
  const order = { seed: 0, shuffle: true, crop: "random", samplesPerEpoch: 1e6 } as const;
  const loader = new Dataloader(
    { ...config.datasets.loader, batchSize, lastBatch: "drop" },
    new HypercubeSource({
      cubeShape: cube,
      channels: null,
      numChannels: 1,
      missingChunks: "error",
      cacheBytes: it.cacheBytes,
      labels: it.hasLabels ? "array" : "none",
    }),
    trainingSampler(table, split, order),
  );
  const warmUp = 2;
  let [done, waitMs, collateMs, began, cpu] = [0, 0, 0, 0, 0];
  const parts = { model, prepare, precision: "float32", device: "cpu" } as const;
  for await (const batch of loader.epoch(0)) {
    if (done === warmUp) [began, cpu, waitMs] = [performance.now(), decodeCpuMs(), 0];
    if (done > warmUp) {
      waitMs += batch.report.waitMs; // the first was waited for before it began
      collateMs += batch.report.collateMs;
    }
    if (done === warmUp + steps) break;
    forwardBackward(parts, batch, 1);
    optimizer.step(1e-4);
    optimizer.zeroGrad();
    done += 1;
    await new Promise((resolve) => setImmediate(resolve)); // as the trainer does
  }
  const wallMs = performance.now() - began;
  return { steps, wallMs, waitMs, collateMs, decodeCpuMs: decodeCpuMs() - cpu };
}

/** Processor time of the threads that read and decode, so far. */
function decodeCpuMs(): number {
  const tasks = "/proc/self/task";
  const text = (id: string, file: string) => readFileSync(join(tasks, id, file), "utf8");
  return readdirSync(tasks)
    .filter((id) => text(id, "comm") === "cello-zarr\n")
    .reduce((sum, id) => sum + Number(text(id, "schedstat").split(" ")[0]) / 1e6, 0);
}
