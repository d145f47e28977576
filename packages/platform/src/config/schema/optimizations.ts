import { z } from "zod";
import { choice, flag, group, int, keys, list, mapOf, orNull, text, unused } from "./key.ts";

const modules = () =>
  list(
    "pairs: a module by name, and its list or lists of blocks",
    z
      .tuple([text("module"), z.union([text("blocks"), list("several", text("blocks"))])])
      .readonly(),
  ).prefault([]);

/** Blocks of a model that are computed twice, or compiled. */
const ModelOptimizations = group("of one model", () =>
  keys({
    activation_checkpoint: group("forget activations, and compute them again in the backward", () =>
      keys({
        enable: flag("true: do").default(false),
        modules: modules(),
        mode: choice("every block, or some", ["full", "selective"]).default("selective"),
        selective_ac_option: z
          .union([z.literal("op"), int("every n-th block", { unit: "blocks", min: 1, max: 256 })])
          .describe("op: by operator; a number: every n-th block")
          .default(2),
        mm_recompute_frac: int("every n-th product of matrices is computed again", {
          unit: "products",
          min: 1,
          max: 1000,
        }).default(2),
        per_op_sac_force_recompute_mm_shapes_by_fqns: orNull(
          list("layers whose products are always computed again", text("layer")),
        ),
      }),
    ).optional(),
    torch_compile: group("compile blocks ahead of the run", () =>
      keys({
        enable: flag("true: do").default(false),
        modules: modules(),
        range: choice("the whole model, or block by block", ["full", "block_based"]).default(
          "block_based",
        ),
        mode: orNull(
          choice("what torch.compile aims at", [
            "default",
            "reduce-overhead",
            "max-autotune",
            "max-autotune-no-cudagraphs",
          ]),
        ),
        dynamic: orNull(flag("true: sizes may change")),
        blockbased_fullgraph: flag("true: a block must be one graph").default(false),
        fullgraph: flag("true: the model must be one graph").default(false),
        enable_compiled_autograd: flag("true: the backward, too").default(false),
        backend: text("who compiles").default("inductor"),
        inplace: flag("true: modules are replaced in place").default(true),
      }),
    ).optional(),
  }),
);

const arch = () => ModelOptimizations.optional();

/** Config group `optimizations`: switches of the libraries, and what is done to a model for speed. */
export const OptimizationsConfig = group(
  "switches of the libraries, and what is done to a model for speed",
  () =>
    keys({
      cudnn_benchmark: flag(
        `cuDNN tries its algorithms (${unused}), where no convolution is`,
      ).default(true),
      cudnn_enabled: flag(`cuDNN (${unused}), where no convolution is`).default(true),
      cudnn_allow_tf32: flag(`TF32 in convolutions (${unused}), where no convolution is`).default(
        true,
      ),
      cudnn_deterministic: flag(
        `convolutions repeat exactly (${unused}), as everything here does`,
      ).default(false),
      deterministic: flag(`the run repeats exactly (${unused}), as every run here does`).default(
        false,
      ),
      env: mapOf(
        "environment of the workers that a launcher starts, true as 1, null left out; a local run has its own",
        z.union([z.string(), z.number(), z.boolean(), z.null()]),
      ).prefault({}),
      with_model_summary: flag("true: a table of the model's layers is written").default(false),
      models: group("by architecture", () =>
        keys({
          mae: arch(),
          jepa: arch(),
          plainDETR: arch(),
          maskdino: arch(),
          mask2former: arch(),
          autobench: group("by task", () =>
            keys({ ChannelSplitAutoBench: arch(), UpsampleSpaceAutoBench: arch() }),
          ).optional(),
        }),
      ).optional(),
    }),
);
export type OptimizationsConfig = z.infer<typeof OptimizationsConfig>;
