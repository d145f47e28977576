import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { ProcessEnd, StartedProcess } from "./run-queue.ts";

const program = join(import.meta.dirname, "../../bin/cello.mjs");

/** What a process that this one has started tells it: a result, or the error that it ends with. */
export type ChildReport =
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "error"; readonly text: string };

interface ChildOptions {
  /** True: its results are not printed, and reach the caller alone. */
  readonly isQuiet: boolean;
  /** What is handed on when the run is asked to stop. */
  signal(): NodeJS.Signals;
}

/**
 * Starts `cello ARGS` as a process of its own, on this terminal. It ends with this process, however
 * that ends: at once where this one is ended at once, else after it has saved.
 */
export function startChild(
  args: readonly string[],
  { isQuiet, signal }: ChildOptions,
): StartedProcess {
  const child = spawn(process.execPath, [program, ...args], {
    serialization: "advanced", // JSON has no NaN
    stdio: ["inherit", isQuiet ? "ignore" : "inherit", "inherit", "ipc"],
  });
  let error: string | null = null;
  const results: unknown[] = [];
  child.on("message", (message) => {
    const report = message as ChildReport;
    if (report.kind === "error") error = report.text;
    else results.push(report.value);
  });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const closed = once(child, "close").catch((cause: Error) => {
    error = `its process cannot be started: ${cause.message}`; // a machine without memory, or at its limit
    return [1, null] as const;
  });
  const ended = closed.then(([exitCode, killedBy]): ProcessEnd => {
    process.off("exit", end);
    return { exitCode, signal: killedBy, error, results };
  });
  return { ended, stop: () => void child.kill(signal()) };
}
