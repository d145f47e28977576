import { engine, torchFolder } from "./binding.ts";

/** What the engine runs on. */
export interface EngineInfo {
  /** Of the libtorch that is loaded. */
  readonly torchVersion: string;
  readonly torchPath: string;
  readonly numOperators: number;
  /** The instruction set of libtorch's own kernels: "DEFAULT", "AVX2", "AVX512". */
  readonly cpuCapability: string;
  readonly cuda: { readonly deviceCount: number };
}

export function engineInfo(): EngineInfo {
  const native = engine();
  const torch = torchFolder();
  return {
    torchVersion: torch.version,
    torchPath: torch.path,
    numOperators: native.numOperators(),
    cpuCapability: native.cpuCapability(),
    cuda: { deviceCount: native.cudaDeviceCount() },
  };
}
