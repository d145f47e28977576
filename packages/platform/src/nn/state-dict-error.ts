import { CellError } from "../errors/index.ts";
import type { StateReport } from "./state-report.ts";

/** The tensors of a checkpoint are not those of the model. */
export class StateDictError extends CellError {
  readonly code = "STATE_DICT";
  readonly hint = "Check that the checkpoint was written by a model of the same config.";
  readonly report: StateReport;

  constructor(report: StateReport) {
    const { missing, unexpected, mismatched } = report;
    const counts = [
      `${missing.length} missing`,
      `${unexpected.length} unexpected`,
      `${mismatched.length} of another shape or dtype`,
    ];
    super(`the state does not fit the model: ${counts.join(", ")}\n${table(report)}`);
    this.report = report;
  }
}

/** One line a tensor, the names in one column; after 20 lines only the number of the others. */
function table({ missing, unexpected, mismatched }: StateReport): string {
  const rows = [
    ...mismatched.map(({ name, expected, actual }) => [
      name,
      `expected ${expected}, got ${actual}`,
    ]),
    ...missing.map((name) => [name, "missing"]),
    ...unexpected.map((name) => [name, "unexpected"]),
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  const lines = rows.slice(0, 20).map(([name = "", what]) => `  ${name.padEnd(width)}  ${what}`);
  if (rows.length > 20) lines.push(`  and ${rows.length - 20} more`);
  return lines.join("\n");
}
