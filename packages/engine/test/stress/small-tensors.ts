import { emptyCache, liveBytes, liveTensors, scope, Tensor } from "../../src/index.ts";

/** What many small tensors leave behind, in bytes and tensor objects. */
export interface Drift {
  readonly tensors: number;
  readonly liveBytes: number;
  /** Growth of the process's memory, after as many tensors again as warm it up. */
  readonly residentBytes: number;
}

/** What the JavaScript engine may keep of its garbage. */
export const allowedGrowthBytes: number = 8 << 20;

/** Makes and frees `count` tensors in scopes, and as many one by one. */
export function smallTensors(count: number): Drift {
  round(Math.min(count, 100_000));
  emptyCache();
  const before = [liveTensors(), liveBytes(), process.memoryUsage.rss()] as const;
  round(count);
  emptyCache();
  return {
    tensors: liveTensors() - before[0],
    liveBytes: liveBytes() - before[1],
    residentBytes: process.memoryUsage.rss() - before[2],
  };
}

function round(count: number): void {
  const x = Tensor.ones([4]);
  const perScope = 1000;
  for (let i = 0; i < count; i += 2 * perScope) {
    scope(() => {
      for (let j = 0; j < perScope; j += 1) x.add(j);
    });
    for (let j = 0; j < perScope; j += 1) x.add(j).release();
  }
  x.release();
}
