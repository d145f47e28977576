import { z } from "zod";

/** The side-car of a snapshot: what was asked of whom, when, and which file holds the answer. */
export const SnapshotFile = z
  .strictObject({
    format: z.literal(1),
    source: z.string().describe("the database: a file, or a server without its password"),
    kind: z.string(),
    /** The query as JSON, its keys in order: it answers no other. */
    query: z.string(),
    taken_at: z.iso.datetime(),
    num_rows: z.int().nonnegative(),
    rows_file: z.string().regex(/^hypercubes-[0-9a-f]{16}\.parquet$/),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("of the rows' file"),
  })
  .readonly();
export type SnapshotFile = z.infer<typeof SnapshotFile>;

/** Name of the side-car in its folder. */
export const snapshotName = "hypercubes.json";

/** A query as text, the same for the same question: keys in order, and none that asks nothing. */
export function queryText(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return JSON.stringify(Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1))));
}
