// One training step of a masked autoencoder (ViT small) against eager PyTorch and torch.compile:
// time, the peak of what tensors hold, and the peak of the process. All sides begin from the same
// weights, batch and masks, and must have the same losses.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../tools/command.ts";
import { median } from "./drive/median.ts";
import { startWorker, type Worker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

interface Case {
  readonly name: string;
  /** How far losses of the first steps may be apart, relative to the loss. */
  readonly tolerance: number;
  /** Whether torch.compile runs beside: it compiles for minutes. */
  readonly hasCompiled: boolean;
  readonly config: Readonly<Record<string, unknown>>;
}

interface Steps {
  readonly ms: readonly number[];
  readonly losses: readonly number[];
}

interface Memory {
  readonly tensorPeakBytes: number;
  readonly processPeakBytes: number;
}

const rounds = 9;
const stepsPerRound = 2;

const small = {
  embed_dim: 384,
  depth: 12,
  num_heads: 6,
  mlp_ratio: 4,
  decoder_embed_dim: 192,
  decoder_depth: 6,
  decoder_num_heads: 6,
  mask_ratio: 0.75,
  threads: 2,
  proj_drop_rate: 0,
  att_drop_rate: 0,
  drop_path_rate: 0,
  fixed_dropout_depth: false,
  init_std: 0.02,
  mlp_wide_silu: false,
  qk_norm: false,
  rope_type: "axial",
  rope_theta: 10,
  rope_random_rotation_per_head: true,
  weight_init_type: "mae",
  loss_fn: "l2_masked",
  norm_targets: false,
};
const classic = {
  ...small,
  norm_layer: "LayerNorm",
  mlp_layer: "Mlp",
  act_layer: "GELU",
  abs_sincos_enc: true,
  rope_pos_enc: false,
};
/** The platform's own defaults: RmsNorm, SwiGLU, rotary positions. */
const defaults = {
  ...small,
  norm_layer: "RmsNorm",
  mlp_layer: "SwiGLU",
  act_layer: "SiLU",
  abs_sincos_enc: false,
  rope_pos_enc: true,
};
const volume = {
  input_fmt: "ZYXC",
  input_shape: [16, 64, 64, 1],
  patch_shape: [4, 8, 8],
  batch_size: 8,
};
const movie = {
  input_fmt: "TZYXC",
  input_shape: [4, 16, 64, 64, 1],
  patch_shape: [2, 4, 8, 8],
  batch_size: 4,
};

const cases: readonly Case[] = [
  { name: "3-D", hasCompiled: true, ...classic, ...volume },
  { name: "4-D", hasCompiled: false, ...classic, ...movie },
  { name: "3-D defaults", hasCompiled: false, ...defaults, ...volume },
].flatMap(({ name, hasCompiled, ...config }) => [
  {
    name: `${name} float32`,
    hasCompiled,
    tolerance: 1e-4,
    config: { ...config, dtype: "float32" },
  },
  {
    name: `${name} bfloat16`,
    hasCompiled,
    tolerance: 1e-2,
    config: { ...config, dtype: "bfloat16" },
  },
]);

export const benchmark: Benchmark = {
  name: "train-step",
  async run({ python }) {
    const folder = mkdtempSync(join(tmpdir(), "train-step-"));
    try {
      const rows: Row[] = [];
      for (const each of cases) rows.push(...(await runCase(each, { python, folder })));
      return [...rows, ...means(rows)];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function runCase(
  { name, tolerance, hasCompiled, config }: Case,
  { python, folder }: { readonly python: string; readonly folder: string },
): Promise<readonly Row[]> {
  const file = join(folder, `${name.replaceAll(" ", "-")}.safetensors`);
  const script = join(import.meta.dirname, "peers/train_step.py");
  const start = (options: object) => ["--file", file, "--config", JSON.stringify(options)];
  const { code, output } = await command([python, script, ...start(config), "--make"]);
  if (code !== 0) throw new Error(`peers/train_step.py --make failed:\n${output}`);

  const worker = join(import.meta.dirname, "workers/train-step.ts");
  const workers = [
    startWorker([process.execPath, worker, ...start(config)]),
    startWorker([python, script, ...start(config)]),
  ];
  if (hasCompiled) {
    workers.push(startWorker([python, script, ...start({ ...config, compile: true })]));
  }
  const [ours, eager, compiled] = await inTurns(workers);
  await Promise.all(workers.map((each) => each.close()));
  if (!ours || !eager) throw new Error("expected two workers at least");
  assertSameLosses(name, tolerance, ours.losses, eager.losses);

  const row = (what: string, unit: string, a: number, b: number): Row => ({
    bench: "train-step",
    case: `${name} ${what}`,
    ours: a,
    peer: b,
    ratio: a / b,
    unit,
    runs: rounds,
  });
  const mib = 2 ** 20;
  return [
    row("time", "ms", ours.ms, eager.ms),
    ...(compiled ? [row("time, peer torch.compile", "ms", ours.ms, compiled.ms)] : []),
    row("tensors' peak", "MiB", ours.tensorPeakBytes / mib, eager.tensorPeakBytes / mib),
    row("process's peak", "MiB", ours.processPeakBytes / mib, eager.processPeakBytes / mib),
  ];
}

/** Warms all workers up, then lets them step in turns, in the opposite order every second round. */
async function inTurns(workers: readonly Worker[]) {
  const warm: Steps[] = [];
  for (const worker of workers) warm.push(await worker.ask<Steps>({ steps: 3 }));
  const ms = workers.map((): number[] => []);
  const order = [...workers.keys()];
  for (let round = 0; round < rounds; round++) {
    for (const i of round % 2 === 0 ? order : order.toReversed()) {
      const found = await workers[i]?.ask<Steps>({ steps: stepsPerRound });
      ms[i]?.push(median(found?.ms ?? []));
    }
  }
  const results = [];
  for (const [i, worker] of workers.entries()) {
    const peaks = await worker.ask<Memory>({ memory: true });
    results.push({ ...peaks, ms: median(ms[i] ?? []), losses: warm[i]?.losses ?? [] });
  }
  return results;
}

function assertSameLosses(
  name: string,
  tolerance: number,
  ours: readonly number[],
  peer: readonly number[],
): void {
  const worst = Math.max(...peer.map((loss, i) => Math.abs((ours[i] ?? Number.NaN) / loss - 1)));
  if (worst <= tolerance) return;
  throw new Error(`${name}: expected losses ${peer.join(", ")}, got ${ours.join(", ")}`);
}

/** Geometric means over the cases, one for each thing that is measured. */
function means(rows: readonly Row[]): readonly Row[] {
  const kinds = ["time", "tensors' peak", "process's peak"];
  return kinds.map((kind) => {
    const ratios = rows.filter((row) => row.case.endsWith(` ${kind}`)).map((row) => row.ratio ?? 1);
    const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
    const name = `geometric mean, ${kind}`;
    return {
      bench: "train-step",
      case: name,
      ours: null,
      peer: null,
      ratio: mean,
      unit: "",
      runs: rounds,
    };
  });
}
