// Our side of bench/train-step.ts; the commands are those of peers/train_step.py.

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import {
  autocast,
  backward,
  Generator,
  memoryStats,
  resetPeak,
  scope,
  setNumThreads,
  Tensor,
} from "@cell-observatory/engine";
import {
  readSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "@cell-observatory/zarr";
import type { MaeConfig } from "../../packages/platform/src/config/index.ts";
import { buildMae, type MaskedBatch } from "../../packages/platform/src/models/index.ts";
import { AdamW } from "../../packages/platform/src/training/optimizers/adam-w.ts";
import { processPeakBytes } from "./process-peak.ts";

interface StepConfig extends MaeConfig {
  readonly dtype: "float32" | "bfloat16";
  readonly threads: number;
}

const { values } = parseArgs({
  options: {
    config: { type: "string", default: "{}" },
    file: { type: "string", default: "" },
  },
});
const config = JSON.parse(values.config) as StepConfig;
setNumThreads(config.threads);
const { model, batch } = prepare(await readSafetensors(values.file));
const optimizer = new AdamW([{ parameters: model.namedParameters(), wd: 5e-5 }], {
  betas: [0.9, 0.99],
  eps: 1e-8,
});

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as { readonly steps?: number };
  console.log(JSON.stringify(command.steps === undefined ? memory() : steps(command.steps)));
}

function step(): number {
  optimizer.zeroGrad();
  return scope(() => {
    const enabled = config.dtype === "bfloat16";
    const { loss } = scope(() => autocast({ enabled }, () => model.forward(batch)));
    backward(loss);
    optimizer.step(1e-3);
    return Number(loss.item());
  });
}

function steps(count: number) {
  const [ms, losses]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    losses.push(step());
    ms.push(performance.now() - began);
  }
  return { ms, losses };
}

function memory() {
  optimizer.zeroGrad();
  resetPeak();
  step();
  return {
    tensorPeakBytes: memoryStats().peakBytes,
    processPeakBytes: processPeakBytes(),
  };
}

function prepare({ tensors }: SafetensorsFile) {
  const made = buildMae(config, new Generator(0));
  const load = (name: string) => {
    const stored = tensors.get(name);
    if (stored === undefined) throw new Error(`${values.file} has no tensor ${name}`);
    return fromStored(stored);
  };
  scope(() => {
    made.loadStateDict(
      new Map([...made.stateDict().keys()].map((name) => [name, load(`weight.${name}`)])),
    );
  });
  const given: MaskedBatch = {
    video: load("batch.video"),
    keep_BK: load("batch.keep"),
    hidden_BM: load("batch.hidden"),
    restore_BN: load("batch.restore"),
  };
  return { model: made, batch: given };
}

function fromStored({ dtype, shape, bytes }: SafetensorsTensor): Tensor {
  const { buffer } = Uint8Array.from(bytes);
  const elements = dtype === "int64" ? new BigInt64Array(buffer) : new Float32Array(buffer);
  return Tensor.from(elements, { shape });
}
