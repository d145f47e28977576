import { totalmem } from "node:os";
import { EngineEnvironmentError } from "./errors.ts";

/** Every environment variable that the engine reads, in one place. */
export interface EngineEnvironment {
  /** CELLO_TORCH: a folder with `lib/` and `include/` of the pinned libtorch. */
  readonly torch: string | undefined;
  /** CELLO_ENGINE_BUILD: a folder with engine.node, in place of .cello/build/engine. */
  readonly build: string | undefined;
  /** CELLO_ALLOCATOR: "caching" (default), or "plain", which gives every block back at once. */
  readonly allocator: "caching" | "plain";
  /** CELLO_MEMORY_LIMIT_BYTES: the most that CPU tensors may hold; else what the machine has. */
  readonly memoryLimitBytes: number;
  /** CELLO_CACHE_LIMIT_BYTES: the most that freed blocks may hold; else half of the limit. */
  readonly cacheLimitBytes: number;
  /** VIRTUAL_ENV and CONDA_PREFIX: roots of active Python environments. */
  readonly pythonRoots: readonly string[];
  /** PATH, split. */
  readonly path: readonly string[];
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): EngineEnvironment {
  const limit = bytes("CELLO_MEMORY_LIMIT_BYTES", env.CELLO_MEMORY_LIMIT_BYTES) ?? machineBytes();
  return {
    torch: env.CELLO_TORCH || undefined,
    build: env.CELLO_ENGINE_BUILD || undefined,
    allocator: oneOf("CELLO_ALLOCATOR", env.CELLO_ALLOCATOR || "caching"),
    memoryLimitBytes: limit,
    cacheLimitBytes:
      bytes("CELLO_CACHE_LIMIT_BYTES", env.CELLO_CACHE_LIMIT_BYTES) ?? Math.floor(limit / 2),
    pythonRoots: [env.VIRTUAL_ENV, env.CONDA_PREFIX].filter((root) => root !== undefined),
    path: (env.PATH ?? "").split(":").filter((folder) => folder !== ""),
  };
}

function oneOf(name: string, value: string): "caching" | "plain" {
  if (value === "caching" || value === "plain") return value;
  throw new EngineEnvironmentError(name, '"caching" or "plain"', value);
}

function bytes(name: string, value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new EngineEnvironmentError(name, "a whole number of bytes", value);
}

/** The memory of the machine, or of the control group that the process is in. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
