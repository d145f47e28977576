import { z } from "zod";

/**
 * A page of a result, as far as we read it. The rest of it is for people who watch a query.
 *
 * Source: Trino 435's manual, "Trino client REST API"; its client/trino-client, QueryResults.java.
 */
export const QueryResults = z.object({
  id: z.string().min(1),
  nextUri: z.url().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  data: z.array(z.array(z.unknown())).optional(),
  stats: z.object({ state: z.string() }),
  error: z
    .object({ message: z.string(), errorName: z.string().optional(), errorType: z.string() })
    .optional(),
});
export type QueryResults = z.infer<typeof QueryResults>;
