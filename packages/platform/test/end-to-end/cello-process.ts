import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const program = join(import.meta.dirname, "../../bin/cello.mjs");

export interface CelloOptions {
  /** Folder of runs and of data. */
  readonly runs: string;
  readonly data: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CelloEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CelloProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CelloEnd>;
  /** Settles when standard error has said something that matches. */
  said(pattern: RegExp): Promise<void>;
}

/** Starts the command line as a user would, in a process of its own. */
export function startCello(args: readonly string[], options: CelloOptions): CelloProcess {
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      ...process.env,
      RUNS_DIR: options.runs,
      DATA_DIR: options.data,
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  const waiting: { pattern: RegExp; resolve: () => void }[] = [];
  child.stdout.on("data", (bytes) => {
    text.stdout += bytes;
  });
  child.stderr.on("data", (bytes) => {
    text.stderr += bytes;
    for (const { pattern, resolve } of waiting) if (pattern.test(text.stderr)) resolve();
  });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, ...text }));
  const said = (pattern: RegExp) =>
    Promise.race([
      new Promise<void>((resolve) => waiting.push({ pattern, resolve })),
      ended.then(() => {}),
    ]);
  return { child, ended, said };
}
