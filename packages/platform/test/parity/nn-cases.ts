// The cases that tools/reference/nn_cases.py writes, run by our modules: the tests do it with the
// committed files, `npm run verify` with fresh ones.

import { Generator, grad, scope, Tensor } from "@cell-observatory/engine";
import type { SafetensorsFile, SafetensorsTensor } from "@cell-observatory/zarr";
import type { MaeConfig } from "../../src/config/index.ts";
import { buildMae, type MaskedBatch } from "../../src/models/index.ts";
import { DropPath } from "../../src/nn/drop-path.ts";
import { Dropout } from "../../src/nn/dropout.ts";
import { type FeedForwardConfig, feedForward } from "../../src/nn/feed-forward.ts";
import {
  Attention,
  Block,
  type BlockConfig,
  Encoder,
  type EncoderConfig,
  Linear,
  type LinearConfig,
  type Module,
  PatchEmbed,
  type PatchEmbedConfig,
  type PositionConfig,
  patchify,
  rope,
  rotate,
  type TokenGridConfig,
  tokenGrid,
  unpatchify,
} from "../../src/nn/index.ts";
import { type NormLayer, norm } from "../../src/nn/norm.ts";
import { residualOf } from "../../src/nn/residual.ts";
import { sincosTable } from "../../src/nn/sincos-table.ts";
import { closeness, rms } from "../support/assert-close.ts";

/** What one case showed. */
export interface CaseVerdict {
  /** Worst relative difference of an output, and of a gradient. */
  readonly output: number;
  readonly gradient: number;
  /** A sentence for each tensor that is too far from the reference. */
  readonly failures: readonly string[];
}

type Inputs = Readonly<Record<string, Tensor>>;

/** A module under test, and how the inputs of a case go through it. */
interface Subject {
  readonly module: Module | null;
  /** Goes before our names in the file, where the reference wraps the module. */
  readonly prefix?: string;
  run(inputs: Inputs): readonly Tensor[];
}

/** A gradient may also be 1e-6 of the typical gradient of its case off: some are 0 by symmetry. */
const tolerances = {
  output: () => ({ relative: 1e-5 }),
  gradient: (typical: number) => ({ relative: 1e-4, floor: 1e-2 * typical }),
} as const;

/** Runs a file's case in float32 and compares all outputs and gradients. */
export function runCase({ metadata, tensors }: SafetensorsFile): CaseVerdict {
  const build = subjects[metadata.kind ?? ""];
  if (build === undefined) throw new Error(`no subject for kind ${metadata.kind}`);
  return scope(() => {
    const { module, prefix = "", run } = build(JSON.parse(metadata.config ?? ""), new Generator(0));
    const inputs = group(tensors, "input.");
    module?.loadStateDict(group(tensors, `weight.${prefix}`));
    const fed = new Map<string, Tensor>();
    for (const [name, tensor] of inputs) {
      if (tensor.dtype === "float32") fed.set(`grad.input.${name}`, tensor.setRequiresGrad(true));
    }
    for (const [name, tensor] of module?.namedParameters() ?? []) {
      fed.set(`grad.weight.${prefix}${name}`, tensor);
    }
    const outputs = run(Object.fromEntries(inputs));
    const verdict = compare(tensors, outputs, fed);
    module?.[Symbol.dispose]();
    return verdict;
  });
}

function compare(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  outputs: readonly Tensor[],
  fed: ReadonlyMap<string, Tensor>,
): CaseVerdict {
  const worst = { output: 0, gradient: 0 };
  const failures: string[] = [];
  const stored = [...tensors].filter(([name]) => name.startsWith("grad."));
  const typical = rms(stored.flatMap(([, tensor]) => Array.from(valuesOf(tensor), Number)));
  const check = (kind: "output" | "gradient", name: string, actual: Tensor | null) => {
    const stored = tensors.get(name);
    if (stored === undefined) {
      const isZero = actual === null || [...actual.data()].every((x) => Number(x) === 0);
      if (!isZero) failures.push(`${name}: the reference has none, ours is not 0`);
      return;
    }
    if (actual === null) {
      failures.push(`${name}: ours has none`);
      return;
    }
    const expected = { shape: stored.shape, values: valuesOf(stored) };
    const found = { shape: actual.shape, values: actual.data() };
    const closest = closeness(found, expected, tolerances[kind](typical));
    worst[kind] = Math.max(worst[kind], closest.worst);
    if (!closest.isClose) failures.push(`${name}: ${closest.sentence}`);
  };
  for (const [i, output] of outputs.entries()) check("output", `output.${i}`, output);
  const cotangents = outputs.map((_, i) => group(tensors, `cotangent.${i}`).get(""));
  if (cotangents.every((tensor) => tensor !== undefined)) {
    const terms = outputs.map((output, i) => output.mul(cotangents[i] ?? output).sum());
    const total = terms.reduce((a, b) => a.add(b));
    const gradients = grad([total], [...fed.values()]);
    for (const [i, name] of [...fed.keys()].entries())
      check("gradient", name, gradients[i] ?? null);
  }
  return { ...worst, failures };
}

const subjects: Readonly<Record<string, (config: unknown, rng: Generator) => Subject>> = {
  linear(config, rng) {
    const { bias, ...sizes } = config as LinearConfig & { bias: boolean };
    const module = new Linear({ ...sizes, hasBias: bias }, rng);
    return { module, run: ({ x }) => [module.forward(given(x))] };
  },
  norm(config) {
    const { norm_layer, embed_dim } = config as { norm_layer: NormLayer; embed_dim: number };
    const module = norm(norm_layer, { width: embed_dim });
    return { module, run: ({ x }) => [module.forward(given(x))] };
  },
  dropout(config, rng) {
    const module = new Dropout((config as { rate: number }).rate, rng);
    return { module, run: ({ x, kept }) => [module.keeping(given(x), float(kept))] };
  },
  drop_path(config, rng) {
    const { norm_layer, embed_dim, rate } = config as { norm_layer: NormLayer } & Record<
      "embed_dim" | "rate",
      number
    >;
    const module = norm(norm_layer, { width: embed_dim });
    const path = new DropPath(rate, rng);
    return {
      module,
      prefix: "norm.",
      run({ stream, branch, kept }) {
        const parts = { stream: given(stream), branch: given(branch) };
        const { sum, normed } = module.afterAdd(path.keeping(parts, float(kept)));
        return [sum, normed];
      },
    };
  },
  attention(config, rng) {
    const module = new Attention(config as BlockConfig, rng);
    return { module, run: ({ x }) => [module.forward(given(x))] };
  },
  mlp(config, rng) {
    const module = feedForward(config as FeedForwardConfig, rng);
    return { module, run: ({ x }) => [module.forward(given(x))] };
  },
  patchify(config) {
    const grid = tokenGrid(config as TokenGridConfig);
    return {
      module: null,
      run({ video }) {
        const patches = patchify(given(video), grid);
        return [patches, unpatchify(patches.mul(2), grid)];
      },
    };
  },
  patch_embed(config, rng) {
    const module = new PatchEmbed(config as PatchEmbedConfig, rng);
    return { module, run: ({ video }) => [module.forward(given(video))] };
  },
  sincos(config) {
    const { embed_dim, ...grid } = config as TokenGridConfig & { embed_dim: number };
    return { module: null, run: () => [sincosTable(tokenGrid(grid), embed_dim)] };
  },
  rope(config, rng) {
    const module = rope(config as PositionConfig, tokenGrid(config as TokenGridConfig), rng);
    return {
      module,
      prefix: "rope.",
      run({ x, places }) {
        const chosen = given(x).narrow(2, 0, given(places).shape[1] ?? 0);
        const [all, some] = [module.rotations().at(-1), module.rotations(given(places)).at(-1)];
        return [rotate(given(x), given(all)), rotate(chosen, given(some))];
      },
    };
  },
  block(config, rng) {
    const module = new Block(config as BlockConfig, rng);
    return {
      module,
      run({ x }) {
        const { stream, branch } = module.forward(residualOf(given(x)));
        return [stream.add(given(branch ?? undefined))];
      },
    };
  },
  encoder(config, rng) {
    const options = config as EncoderConfig & PositionConfig & TokenGridConfig;
    const its = options.rope_pos_enc ? rope(options, tokenGrid(options), rng) : null;
    const module = new Encoder(options, rng, its);
    return { module, run: ({ x, places }) => [module.forward(given(x), given(places))] };
  },
  features(config, rng) {
    const { out_layers, ...options } = config as EncoderConfig & { out_layers: number[] };
    const module = new Encoder(options, rng);
    return {
      module,
      prefix: "transformer.",
      run: ({ x }) => module.features(given(x), out_layers),
    };
  },
  mae(config, rng) {
    const module = buildMae(withDefaults(config), rng);
    return {
      module,
      run(inputs) {
        const { loss, predictions } = module.forward(batchOf(inputs));
        return [loss, predictions];
      },
    };
  },
  mae_predict(config, rng) {
    const module = buildMae(withDefaults(config), rng);
    return { module, prefix: "model.", run: (inputs) => [module.predict(batchOf(inputs))] };
  },
};

function batchOf({ video, keep, hidden, restore }: Inputs): MaskedBatch {
  return {
    video: given(video),
    keep_BK: given(keep),
    hidden_BM: hidden ?? given(keep),
    restore_BN: given(restore),
  };
}

/** The keys that the cases leave out: those that change nothing here. */
function withDefaults(config: unknown): MaeConfig {
  const rest = {
    proj_drop_rate: 0,
    att_drop_rate: 0,
    drop_path_rate: 0,
    fixed_dropout_depth: false,
    init_std: 0.02,
    rope_type: "axial",
    rope_theta: 10,
    rope_random_rotation_per_head: true,
    weight_init_type: "mae",
    loss_fn: "l2_masked",
  } as const;
  return { ...rest, ...(config as MaeConfig) };
}

/** The stored tensors whose name starts with `prefix`, without it. */
function group(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  prefix: string,
): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const [name, stored] of tensors) {
    if (!name.startsWith(prefix)) continue;
    found.set(name.slice(prefix.length), Tensor.from(valuesOf(stored), { shape: stored.shape }));
  }
  return found;
}

function valuesOf({
  dtype,
  bytes,
}: SafetensorsTensor): Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> {
  const { buffer } = Uint8Array.from(bytes);
  return dtype === "int64" ? new BigInt64Array(buffer) : new Float32Array(buffer);
}

const float = (tensor: Tensor | undefined) => given(tensor).to({ dtype: "float32" });

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the case lacks an input");
  return value;
}
