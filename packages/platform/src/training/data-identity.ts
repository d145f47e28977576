import { createHash } from "node:crypto";
import { z } from "zod";

/** Which records a run is trained on, and in which order: short enough to be part of a checkpoint. */
export const DataIdentity = z
  .strictObject({
    num_records: z.int().nonnegative(),
    sha256: z.string().describe("of the records' names, one a line"),
  })
  .readonly();
export type DataIdentity = z.infer<typeof DataIdentity>;

/** @param names - of all records, in the order that samples are drawn by; where they lie is no part of it. */
export function dataIdentity(names: Iterable<string>): DataIdentity {
  const hash = createHash("sha256");
  let num_records = 0;
  let lines = ""; // hashed many at once: there may be ten million
  for (const name of names) {
    num_records += 1;
    lines += `${name}\n`;
    if (lines.length < 2 ** 16) continue;
    hash.update(lines);
    lines = "";
  }
  return { num_records, sha256: hash.update(lines).digest("hex") };
}

/** "as many others", "1,200 there, 1,300 now": how the data differ; null when they are the same. */
export function dataDifference(saved: DataIdentity, now: DataIdentity): string | null {
  if (saved.sha256 === now.sha256) return null;
  const [before, after] = [saved, now].map((data) => data.num_records.toLocaleString("en"));
  const which = saved.num_records === now.num_records ? ", but not the same ones" : "";
  return `${before} records then, ${after} now${which}`;
}
