import type { Database } from "./database.ts";
import { aggregationSuite } from "./suite/aggregation.suite.ts";
import { filtersSuite } from "./suite/filters.suite.ts";
import { readingSuite } from "./suite/reading.suite.ts";
import { tileRowsSuite } from "./suite/tile-rows.suite.ts";

/** What every database must do with the rows of `suite/suite-rows.fixture.ts` in it. */
export function databaseSuite(kind: string, open: () => Promise<Database>): void {
  filtersSuite(kind, open);
  aggregationSuite(kind, open);
  tileRowsSuite(kind, open);
  readingSuite(kind, open);
}
