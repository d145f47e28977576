import { setTimeout } from "node:timers/promises";
import { native } from "./binding.ts";

/** Storage that fails for a moment is asked again, as native/src/patience.rs does it for chunks. */
export async function patiently<T>(
  act: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await act();
    } catch (cause) {
      const pauseMs = isTransient(cause) ? native().pausesMs()[tries] : undefined;
      if (pauseMs === undefined) throw cause;
      await setTimeout(pauseMs, undefined, { signal });
    }
  }
}

/** The operating system's name of what went wrong, such as EIO. */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}

function isTransient(cause: unknown): boolean {
  return ["EIO", "ESTALE", "EAGAIN", "ETIMEDOUT"].includes(codeOf(cause));
}
