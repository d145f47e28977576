import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Block } from "./block-planes.ts";
import { BlockRenderer } from "./block-renderer.ts";
import { MovieConfig } from "./movie-config.ts";

/** One block for a thread to render, into memory that it shares. */
export interface BlockTask {
  readonly cells: Float64Array<SharedArrayBuffer>;
  readonly block: Block;
  readonly image: Uint16Array<SharedArrayBuffer>;
  readonly labels: Uint32Array<SharedArrayBuffer>;
}

/** Null when the block is done, else what went wrong. */
export type BlockAnswer = { readonly message: string } | null;

/** Renders blocks that come through the port, one after another, until the port closes. */
function serve(port: MessagePort, config: MovieConfig): void {
  const renderer = new BlockRenderer(config);
  const answer = (value: BlockAnswer) => port.postMessage(value);
  port.on("message", ({ cells, block, image, labels }: BlockTask) => {
    try {
      renderer.render(cells, block, { image, labels });
      answer(null);
    } catch (error) {
      answer({ message: error instanceof Error ? error.message : String(error) });
    }
  });
}

if (parentPort) serve(parentPort, MovieConfig.parse(workerData));
