/** Every environment variable that the engine reads, in one place. */
export interface EngineEnvironment {
  /** CELLO_TORCH: a folder with `lib/` and `include/` of the pinned libtorch. */
  readonly torch: string | undefined;
  /** CELLO_ENGINE_BUILD: a folder with engine.node, in place of .cello/build/engine. */
  readonly build: string | undefined;
  /** CELLO_ALLOCATOR: "caching" (default), or "plain", which gives every block back at once. */
  readonly allocator: "caching" | "plain";
  /** CELLO_MEMORY_LIMIT_BYTES: the most that CPU tensors may hold; 0 is the machine's memory. */
  readonly memoryLimitBytes: number;
  /** CELLO_CACHE_LIMIT_BYTES: the most that freed blocks may hold; 0 is half of the limit. */
  readonly cacheLimitBytes: number;
  /** VIRTUAL_ENV and CONDA_PREFIX: roots of active Python environments. */
  readonly pythonRoots: readonly string[];
  /** PATH, split. */
  readonly path: readonly string[];
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): EngineEnvironment {
  return {
    torch: env.CELLO_TORCH || undefined,
    build: env.CELLO_ENGINE_BUILD || undefined,
    allocator: oneOf("CELLO_ALLOCATOR", env.CELLO_ALLOCATOR || "caching"),
    memoryLimitBytes: bytes("CELLO_MEMORY_LIMIT_BYTES", env.CELLO_MEMORY_LIMIT_BYTES),
    cacheLimitBytes: bytes("CELLO_CACHE_LIMIT_BYTES", env.CELLO_CACHE_LIMIT_BYTES),
    pythonRoots: [env.VIRTUAL_ENV, env.CONDA_PREFIX].filter((root) => root !== undefined),
    path: (env.PATH ?? "").split(":").filter((folder) => folder !== ""),
  };
}

function oneOf(name: string, value: string): "caching" | "plain" {
  if (value === "caching" || value === "plain") return value;
  throw new RangeError(`${name}: expected "caching" or "plain", got "${value}"`);
}

function bytes(name: string, value: string | undefined): number {
  const number = Number(value || 0);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`${name}: expected a whole number of bytes, got "${value}"`);
}
