import type { HypercubeBatch } from "../../database/index.ts";
import { requestOf } from "../config-verb.ts";
import type { Output } from "../output.ts";
import { composeFlags, overrideOperand } from "../run-flags.ts";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { catalogueFile } from "./data-folder.ts";
import { filterFlags, queryOfFlags } from "./filter-flags.ts";

/** Statistics are shown of so many first channels. */
const shownChannels = 2;

export const queryVerb = verb({
  name: "query",
  summary: "print the hypercubes that a config, or filters, ask for; explain what each filter does",
  description: [
    "With --config-name, the catalogue is asked what that run asks it; overrides are those of cello train. Without it, the filters are the flags.",
    "--explain prints how many hypercubes each filter removed, and says what is wrong when one removes all.",
  ].join("\n"),
  examples: [
    "cello data query --config-name experiments/nuclei_mae --explain",
    "cello data query --config-name experiments/nuclei_mae datasets.databases.occupancy_threshold=0.2",
    "cello data query --roi embryo1,embryo2 --min-occupancy 0.1 --csv > rows.csv",
  ],
  flags: {
    ...composeFlags,
    ...filterFlags,
    explain: { kind: "switch", help: "how many each filter removed, in place of the rows" },
    csv: { kind: "switch", help: "all rows as CSV" },
    "save-snapshot": {
      kind: "text",
      value: "DIR",
      help: "with a config: save the rows where a run with paths.outdir=DIR reads them, without the server",
    },
    limit: { kind: "integer", value: "N", min: 1, default: 20, help: "rows of the table" },
  },
  operands: [overrideOperand],
  async run({ flags, operands, signal, output }) {
    const { DataQuery } = await import("../../data/index.ts");
    const folder = flags["save-snapshot"];
    if (folder !== undefined) return await saveAhead({ folder, flags, operands, signal, output });
    await using query =
      flags["config-name"] === undefined && operands.length === 0
        ? await DataQuery.ofCatalogue(flags.catalogue ?? catalogueFile(), queryOfFlags(flags), {
            signal,
          })
        : await queryOfConfig({ flags, operands, signal, output });
    if (flags.explain) {
      const clauses = await query.explain();
      for (const clause of clauses) output.json(clause);
      const name = (clause: string) => `${clause}${shownValue(query.query, clause)}`;
      const width = Math.max(...clauses.map(({ clause }) => name(clause).length), 6);
      output.line(`${"filter".padEnd(width)}     removed        left`);
      for (const { clause, removed, remaining } of clauses) {
        const counts = [removed, remaining].map((n) => String(n).padStart(12)).join("");
        output.line(`${name(clause).padEnd(width)}${counts}`);
      }
      for (const { remark } of clauses) if (remark !== null) output.line(`${remark}.`);
      return 0;
    }
    const { max_hypercubes } = query.query;
    const total = await printRows(query.rows(shownChannels), flags, output);
    const what = query.query.with_hypercubes_dataframe === false ? "tile" : "hypercube";
    if (total === 0) output.note(`no ${what} is left; --explain says which filter removed them`);
    else if (!flags.csv) {
      const cut = total > flags.limit ? `, ${flags.limit} shown (--limit)` : "";
      const many = total === 1 ? "" : "s";
      output.line(`${total} ${what}${many}${max_hypercubes ? " at most" : ""}${cut}`);
    }
    return 0;
  },
});

type ConfigFlags = Omit<Parameters<typeof requestOf>[0], "multirun"> &
  Parameters<typeof queryOfFlags>[0];

interface Call {
  readonly flags: ConfigFlags;
  readonly operands: readonly string[];
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** Saves what a run would ask for, into the folder that is to be the run's. */
async function saveAhead({
  folder,
  flags,
  operands,
  signal,
  output,
}: Call & { readonly folder: string }): Promise<0> {
  if (flags["config-name"] === undefined && operands.length === 0) {
    throw new UsageError(
      "--save-snapshot is for the rows of a run",
      "Name its config with --config-name; --csv prints the rows of filters.",
    );
  }
  const { saveRowsAhead } = await import("../../catalog/index.ts");
  const { systemClock } = await import("../../telemetry/index.ts");
  const config = await configOf(flags, operands);
  const note = (text: string) => output.note(text);
  const rows = await saveRowsAhead(config, folder, { clock: systemClock, signal, note });
  output.json({ snapshot: folder, rows });
  output.line(`${folder}: ${rows} rows; a run with paths.outdir=${folder} reads them`);
  return 0;
}

async function queryOfConfig({ flags, operands, signal, output }: Call) {
  const { queryOfRun } = await import("../../catalog/index.ts");
  const { DataQuery } = await import("../../data/index.ts");
  const { databases, wanted } = queryOfRun(await configOf(flags, operands));
  return DataQuery.ofRun(databases, wanted, { signal, note: (text) => output.note(text) });
}

/** The config of one run; filters on the command line are refused, for it has its own. */
async function configOf(flags: ConfigFlags, operands: readonly string[]) {
  const given = Object.keys(filterFlags).find((name) => {
    const value = flags[name as keyof typeof filterFlags];
    return value !== undefined && value !== false;
  });
  if (given !== undefined) {
    throw new UsageError(
      `--${given} goes without --config-name; a config's filters are overridden`,
      "For example datasets.databases.max_hypercubes=100.",
    );
  }
  const { planJob } = await import("../../config/index.ts");
  const job = planJob(requestOf({ ...flags, multirun: false }, operands));
  if (job.kind === "one") return job.config;
  throw new UsageError("expected the config of one run, got several", "Name one of them.");
}

function shownValue(query: object, clause: string): string {
  const value: unknown = Reflect.get(query, clause);
  if (value === undefined || value === null || clause === "all") return "";
  const text = Array.isArray(value) ? value.join(",") : String(value);
  return `=${text.length > 30 ? `${text.slice(0, 27)}...` : text}`;
}

type Batches = AsyncIterable<HypercubeBatch>;

async function printRows(
  batches: Batches,
  { csv, limit }: { readonly csv: boolean; readonly limit: number },
  output: Output,
): Promise<number> {
  const { placeColumns } = await import("../../database/index.ts");
  const columns = ["prepared_id", "tile_name", ...placeColumns] as const;
  let total = 0;
  const shown: string[][] = [];
  for await (const batch of batches) {
    const names = Object.keys(batch.statistics).sort();
    if (csv && total === 0) output.line([...columns, ...names].join(","));
    const isAll = csv || output.isJson;
    for (let row = 0; row < batch.numRows && (isAll || total + row < limit); row++) {
      const tile = batch.tiles[batch.tile[row] ?? -1];
      const cells: (string | number | null)[] = columns.map((name) =>
        name === "prepared_id" || name === "tile_name"
          ? (tile?.[name] ?? "")
          : (batch[name][row] ?? 0),
      );
      const numbers = names.map((name) => batch.statistics[name]?.[row] ?? Number.NaN);
      const all = [...cells, ...numbers.map((n) => (Number.isNaN(n) ? null : n))];
      if (output.isJson) {
        output.json(Object.fromEntries([...columns, ...names].map((name, i) => [name, all[i]])));
      } else if (csv) output.line(all.map(csvCell).join(","));
      else shown.push(tableRow(all, names));
    }
    if (!isAll && total === 0 && shown.length > 0) shown.unshift(tableHead(names));
    total += batch.numRows;
  }
  const widths =
    shown[0]?.map((_, i) => Math.max(...shown.map((row) => row[i]?.length ?? 0))) ?? [];
  for (const row of shown) {
    output.line(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
  return total;
}

/** A text that a spreadsheet would take as a formula is just a text. */
function csvCell(value: string | number | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const isShort = (name: string): boolean => /^(min_occupancy_ratios|cdf_90)_ch_0$/.test(name);

const tableHead = (names: readonly string[]): string[] => [
  "image",
  "t z y x",
  "size",
  ...names.filter(isShort).map((name) => (name.startsWith("cdf") ? "90 % of counts" : "occupancy")),
];

function tableRow(cells: readonly (string | number | null)[], names: readonly string[]): string[] {
  const [roi, tile, t, z, y, x, T, Z, Y, X, ...numbers] = cells;
  return [
    `${roi}/${tile}`,
    `${t} ${z} ${y} ${x}`,
    `${T} x ${Z} x ${Y} x ${X}`,
    ...names.flatMap((name, i) => {
      const value = numbers[i];
      return isShort(name)
        ? [value === null ? "?" : Number(Number(value).toFixed(3)).toString()]
        : [];
    }),
  ];
}
