import { threads } from "@cell-observatory/zarr";
import { nodeOfGpu, readNumaNodes } from "./numa-nodes.ts";
import { pinLoaderThreads } from "./pin-threads.ts";
import { planNuma } from "./plan-numa.ts";

/** Moves the threads that decode next to the GPU, on a machine of several nodes; else does nothing. */
export async function placeLoaderThreads(say: (line: string) => void): Promise<void> {
  const near = nodeOfGpu(process.env);
  const cpus = planNuma(readNumaNodes(), { near, numThreads: threads() });
  if (cpus === null) return;
  try {
    await pinLoaderThreads(cpus);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(
      `threads that decode could not be kept near the GPU, on node ${near}; set datasets.loader.numa=none to go without (${reason})`,
    );
  }
}
