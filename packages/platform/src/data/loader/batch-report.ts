import type { BatchReport } from "../batch.ts";
import type { LoadedSlot } from "./loader-actor.ts";

/** What is known before the batch goes anywhere. */
export type ReadReport = Omit<BatchReport, "copyMs" | "waitMs">;

/** What it took to read a batch, over its rows. */
export function readReport({ plan, rows, readMs }: LoadedSlot, collateMs: number): ReadReport {
  const sum = (count: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total, row) => total + count(row), 0);
  return {
    readMs,
    storageMs: sum(({ storageMs }) => storageMs),
    decodeMs: sum(({ decodeMs }) => decodeMs),
    collateMs,
    chunks: sum(({ chunks }) => chunks),
    cachedChunks: sum(({ cachedChunks }) => cachedChunks),
    missingChunks: sum(({ missingChunks }) => missingChunks),
    missingLabelChunks: sum(({ missingLabelChunks }) => missingLabelChunks),
    samplesWithMissing: rows
      .slice(0, plan.numValid)
      .filter((row) => row.counts && row.missingChunks + row.missingLabelChunks > 0).length,
    unreadChunks: sum(({ unreadChunks }) => unreadChunks),
    retries: sum(({ retries }) => retries),
    skipped: rows.flatMap(({ skipped }) => skipped),
  };
}
