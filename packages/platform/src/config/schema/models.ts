import { z } from "zod";
import { choice, group, keys } from "./key.ts";
import { AdaptersConfig } from "./models/adapters.ts";
import { AutobenchConfig } from "./models/autobench.ts";
import { BackbonesConfig } from "./models/backbones.ts";
import { Mask2FormerConfig, MaskDinoConfig, PlainDetrConfig } from "./models/detectors.ts";
import { HeadsConfig } from "./models/heads.ts";
import { JepaConfig } from "./models/jepa.ts";
import { MaeConfig } from "./models/mae.ts";

/** Config group `models`: one architecture under `meta_arch`, by its name, and its parts. */
export const ModelsConfig = group(
  "one architecture under meta_arch, by its name, and its parts",
  () =>
    keys({
      model: choice("which of meta_arch; not given: the one that is there", [
        "mae",
        "jepa",
        "plainDETR",
        "maskdino",
        "mask2former",
        "autobench",
      ]).optional(),
      parallelism: choice("how it is divided between ranks; parallelism has the degrees", [
        "mae",
        "jepa",
        "autobench",
      ]).optional(),
      meta_arch: group("the architecture", () =>
        keys({
          mae: MaeConfig.optional(),
          jepa: JepaConfig.optional(),
          plainDETR: PlainDetrConfig.optional(),
          maskdino: MaskDinoConfig.optional(),
          mask2former: Mask2FormerConfig.optional(),
          autobench: AutobenchConfig.optional(),
        }),
      ),
      backbones: BackbonesConfig.optional(),
      heads: HeadsConfig.optional(),
      adapters: AdaptersConfig.optional(),
      decoders: z.unknown().describe("a head by reference, as fine-tuning wants it").optional(),
    }).superRefine(checkOne),
);
export type ModelsConfig = z.infer<typeof ModelsConfig>;

interface Architectures {
  readonly model?: string | undefined;
  readonly meta_arch: Readonly<Record<string, unknown>>;
}

/** A run trains one architecture; two would leave open which. */
function checkOne({ model, meta_arch }: Architectures, context: z.RefinementCtx): void {
  const there = Object.keys(meta_arch).filter((name) => meta_arch[name] !== undefined);
  const fault = (path: readonly string[], message: string) =>
    context.addIssue({ code: "custom", path: [...path], message, input: meta_arch });
  if (there.length === 0) fault(["meta_arch"], "needs one architecture: mae, for one");
  if (there.length > 1) {
    fault(["meta_arch"], `needs one architecture, and has ${there.join(" and ")}`);
  }
  if (model !== undefined && there.length === 1 && there[0] !== model) {
    fault(["model"], `must be ${there[0]}, which is what meta_arch holds`);
  }
}
