import { cudaDeviceCount } from "@cell-observatory/engine";
import type { TrainerConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";

/** The config asks for a GPU, and libtorch finds none. */
export class NoDeviceError extends CellError {
  readonly code = "ENGINE_MISSING_DEVICE";
  readonly hint = "Set trainer.device=auto or cpu, or check the driver with cello doctor.";

  constructor() {
    super("trainer.device is cuda, but libtorch finds no CUDA device on this machine");
  }
}

/** Where a run computes: "auto" is a GPU when there is one. */
export function chooseDevice(wanted: TrainerConfig["device"]): "cpu" | "cuda" {
  if (wanted === "cpu") return "cpu";
  if (cudaDeviceCount() > 0) return "cuda";
  if (wanted === "cuda") throw new NoDeviceError();
  return "cpu";
}
