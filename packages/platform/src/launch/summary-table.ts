import type { RunEnd } from "./run-queue.ts";

interface Row {
  readonly name: string;
  readonly outdir: string;
}

interface SummaryOptions<R> {
  /** The best that a run has reached: "val_step_loss 0.412"; null where nothing is known. */
  best(run: R): string | null;
  /** How long, in words. */
  duration(seconds: number): string;
}

/** One line for each run, in columns, and one for all of them. */
export function summaryLines<R extends Row>(
  ends: readonly RunEnd<R>[],
  { best, duration }: SummaryOptions<R>,
): readonly string[] {
  const heads = ["run", "outcome", "time", "best", "folder"];
  const rows = ends.map(({ run, outcome, seconds }) => [
    run.name,
    words[outcome],
    outcome === "left" ? "-" : duration(seconds),
    best(run) ?? "-",
    run.outdir,
  ]);
  const widths = heads.map((head, i) =>
    Math.max(...[head, ...rows.map((row) => row[i] ?? "")].map((text) => text.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  const why = ends.flatMap(({ run, outcome, reason }) =>
    outcome === "failed" ? [`${run.name}: ${inOneLine(reason ?? "")}`] : [],
  );
  return [
    "",
    line(heads),
    ...rows.map(line),
    "",
    ...why,
    ...(why.length > 0 ? [""] : []),
    counted(ends),
  ];
}

/** Without the hint, which stands where the run ended. */
const inOneLine = (text: string) => text.replace(/\nhint:.*$/s, "").replaceAll(/\s*\n\s*/g, " ");

const words = { done: "done", failed: "failed", stopped: "stopped", left: "not started" } as const;

function counted(ends: readonly RunEnd<unknown>[]): string {
  const parts = Object.entries(words).flatMap(([outcome, word]) => {
    const count = ends.filter((end) => end.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const isOpen = ends.some(({ outcome }) => outcome !== "done");
  const again = isOpen ? "; the same command goes on with those that are not done" : "";
  return `${ends.length === 1 ? "1 run" : `${ends.length} runs`}: ${parts.join(", ")}${again}`;
}
