export { type ChildReport, startChild } from "./child-run.ts";
export { exitCodeOfQueue, type RunEnd, runQueue } from "./run-queue.ts";
export { summaryLines } from "./summary-table.ts";
