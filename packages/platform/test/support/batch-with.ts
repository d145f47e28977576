import type { Batch } from "../../src/data/index.ts";

type Needed = Pick<Batch, "voxels" | "shape">;

/** A batch of counts that was read as a whole, without labels; `more` says what differs. */
export function batchWith({ voxels, shape, ...more }: Needed & Partial<Batch>): Batch {
  const [B, T, Z, Y, X, C] = shape;
  const rows = Array.from({ length: B }, (_, b) => b);
  return {
    voxels,
    dtype: "uint16",
    shape,
    epoch: 0,
    number: 0,
    samples: rows,
    sampleIds: rows.map((b) => `sample ${b}`),
    records: [],
    origins: rows.map(() => [0, 0, 0, 0] as const),
    rowIsValid: rows.map(() => true),
    validSizes: rows.map(() => [T, Z, Y, X] as const),
    validChannels: rows.map(() => C),
    unread: rows.map(() => []),
    labelMap: null,
    targets: null,
    report: {
      readMs: 0,
      collateMs: 0,
      copyMs: 0,
      waitMs: 0,
      chunks: 1,
      cachedChunks: 0,
      missingChunks: 0,
      missingLabelChunks: 0,
      storageMs: 0,
      decodeMs: 0,
      samplesWithMissing: 0,
      unreadChunks: 0,
      retries: 0,
      skipped: [],
    },
    ...more,
  };
}
