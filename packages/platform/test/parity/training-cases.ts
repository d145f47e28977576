import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keep, Tensor } from "@cell-observatory/engine";
import { readSafetensors, type SafetensorsFile } from "@cell-observatory/zarr";
import type { SchedulersConfig } from "../../src/config/index.ts";
import {
  AdamW,
  clipGradients,
  parameterGroups,
  type RunLength,
  warmupCosine,
} from "../../src/training/index.ts";

/** How far our numbers are from a reference's, relative to its largest. */
export interface TrainingComparison {
  readonly name: string;
  readonly worst: number;
  readonly tolerance: number;
}

/**
 * Compares with what `tools/reference/make_training_fixtures.py` wrote to a folder: each step of
 * clipped AdamW with PyTorch's, each learning rate with timm's.
 */
export async function compareTraining(folder: string): Promise<readonly TrainingComparison[]> {
  const adamW = compareAdamW(await readSafetensors(join(folder, "adam-w.safetensors")));
  const cases = JSON.parse(
    readFileSync(join(folder, "schedules.json"), "utf8"),
  ) as readonly (SchedulersConfig &
    RunLength & { readonly lr: number; readonly lrs: readonly number[] })[];
  const schedules = cases.map(({ lr, lrs, ...config }, i) => {
    const schedule = warmupCosine(lr, config, config);
    const errors = lrs.map((expected, step) => {
      const epoch = Math.floor(step / config.stepsPerEpoch);
      return Math.abs(schedule({ step, epoch }) - expected) / lr;
    });
    return {
      name: `schedule ${i} by ${config.update_type}`,
      worst: Math.max(...errors),
      tolerance: 1e-12,
    };
  });
  return [...adamW, ...schedules];
}

function compareAdamW(file: SafetensorsFile): readonly TrainingComparison[] {
  const fixture = (name: string, step: number | null = null) => {
    const entry = file.tensors.get(name);
    if (entry === undefined) throw new Error(`the reference has no ${name}`);
    const all = Tensor.empty(entry.shape, {
      dtype: entry.dtype === "float64" ? "float64" : "float32",
    });
    all.bytes().set(entry.bytes);
    return step === null ? all : all.select(0, step).contiguous();
  };
  const setting = (name: string) => Number(file.metadata[name]);
  const parameters = new Map(
    ["weight", "bias"].map((name) => [name, keep(fixture(`${name}.start`)).setRequiresGrad(true)]),
  );
  const optimizer = new AdamW(parameterGroups(parameters, { wd: setting("wd") }), {
    betas: [0.9, 0.99],
    eps: setting("eps"),
  });
  const worst = { parameters: 0, norm: 0, state: 0 };
  const difference = (a: Tensor, b: Tensor) =>
    Number(a.sub(b).abs().amax().item()) / Number(b.abs().amax().item());
  const numSteps = file.tensors.get("lr")?.shape[0] ?? 0;
  for (let step = 0; step < numSteps; step++) {
    for (const [name, parameter] of parameters) parameter.setGrad(fixture(`${name}.grad`, step));
    const norm = clipGradients(parameters.values(), setting("clip_grad"));
    const expected = Number(fixture("norm", step).item());
    worst.norm = Math.max(worst.norm, Math.abs(norm - expected) / expected);
    optimizer.step(Number(fixture("lr", step).item()));
    optimizer.zeroGrad();
    for (const [name, parameter] of parameters) {
      worst.parameters = Math.max(worst.parameters, difference(parameter, fixture(name, step)));
    }
  }
  for (const [name, value] of optimizer.state()) {
    worst.state = Math.max(worst.state, difference(value, fixture(name)));
  }
  return [
    { name: "AdamW, parameters", worst: worst.parameters, tolerance: 1e-6 },
    { name: "AdamW, running means", worst: worst.state, tolerance: 1e-6 },
    { name: "norm of the gradients", worst: worst.norm, tolerance: 1e-5 },
  ];
}
