import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

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
  /** Settles when the process has stopped itself, at a failpoint of action `stop`. */
  stopped(): Promise<void>;
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
  child.stdout.on("data", (bytes) => {
    text.stdout += bytes;
  });
  child.stderr.on("data", (bytes) => {
    text.stderr += bytes;
  });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, ...text }));
  const stopped = async () => {
    while ((await stateOf(child)) !== "T") {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`ended before it stopped: ${text.stderr}`);
      }
      await sleep(5);
    }
  };
  return { child, ended, stopped };
}

/** One letter of proc(5): R runs, S sleeps, T is stopped; none when it is gone. */
async function stateOf({ pid }: ChildProcess): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat[stat.lastIndexOf(")") + 2];
}
