import { openTrino } from "../../../packages/platform/src/database/trino/trino-database.ts";
import {
  fillCatalogueInTrino,
  runInTrino,
  trinoEnv,
} from "../../../packages/platform/test/support/catalogue-in-trino.ts";
import { withRandomTables } from "./random-tables.ts";
import { rowsOf } from "./table-rows.ts";
import { type KindVerdict, verdictOf } from "./verdict-of.ts";

/** The second table alone: the first lacks numbers here and there, which a catalogue does not. */
const [numTables, numQueries] = [2, 12];

/** A random catalogue in a coordinator with the catalogue `memory`, against plain Python loops. */
export function verdictInTrino(
  host: string,
  { python, seed }: { readonly python: string; readonly seed: number },
): Promise<KindVerdict> {
  return withRandomTables({ python, seed, numTables, numQueries }, async (folder) => {
    const env = trinoEnv(host, "random");
    await runInTrino(trinoEnv(host, "default"), "CREATE SCHEMA memory.random");
    await fillCatalogueInTrino(env, rowsOf(folder, 1));
    const kind = {
      name: "trino",
      open: (_: string, table: number) =>
        table === 1 ? openTrino({ num_timepoints: 1 }, { env }) : null,
      answers: ({ location }: { readonly location?: unknown }) => location === undefined,
    };
    return await verdictOf(kind, { folder, numTables });
  });
}
