import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DataError } from "../errors.ts";
import type { BlockAnswer, BlockTask } from "./block-worker.ts";
import type { MovieConfig } from "./movie-config.ts";

/** Threads that render blocks; each one holds a renderer and does one block at a time. */
export class BlockThreads implements AsyncDisposable {
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  readonly #workers: readonly Worker[];
  /** Aborted when a thread has died, with what it died of: no block is rendered from then on. */
  readonly #death = new AbortController();

  constructor(config: MovieConfig, numThreads: number) {
    const script = new URL("./block-worker.ts", import.meta.url);
    this.#workers = Array.from(
      { length: numThreads },
      () => new Worker(script, { workerData: config, execArgv: [] }), // not the flags of this process
    );
    this.#idle.push(...this.#workers);
    for (const worker of this.#workers) {
      worker.on("error", (cause) => this.#bury(cause.message || cause.name, cause));
      worker.on("exit", (code) => this.#bury(`exit code ${code}`));
    }
  }

  /** Resolves when the block's voxels stand in the task's arrays. */
  async render(task: BlockTask): Promise<void> {
    const worker =
      this.#idle.pop() ?? (await new Promise<Worker>((take) => this.#waiting.push(take)));
    const { signal } = this.#death;
    try {
      signal.throwIfAborted();
      worker.postMessage(task);
      const [answer] = (await once(worker, "message", { signal })) as [BlockAnswer];
      if (answer) {
        const { t, zStart, yStart, xStart } = task.block;
        const place = `frame ${t}, block at z ${zStart}, y ${yStart}, x ${xStart}`;
        throw new DataError("DATA_SIMULATION", `${place} could not be rendered: ${answer.message}`);
      }
    } catch (error) {
      signal.throwIfAborted(); // a death comes here as an abort
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next) next(worker);
      else this.#idle.push(worker);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #bury(why: string, cause?: unknown): void {
    const message = `a thread that renders blocks ended: ${why}`;
    this.#death.abort(new DataError("DATA_SIMULATION", message, { cause }));
  }
}
