import { z } from "zod";
import { MaeConfig } from "./mae.ts";

/** Config group `models`: one architecture under `meta_arch`, by its name. */
export const ModelsConfig = z
  .strictObject({
    meta_arch: z.strictObject({ mae: MaeConfig }).readonly(),
  })
  .readonly();
export type ModelsConfig = z.infer<typeof ModelsConfig>;
