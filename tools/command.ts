import { spawn } from "node:child_process";
import { join } from "node:path";

/** The repository's root folder. */
export const repository = join(import.meta.dirname, "..");

/** How a command ended, and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a command in the repository and collects what it prints; `onText` sees it as it comes. */
export function command(
  [program, ...args]: readonly [string, ...string[]],
  onText: (text: string) => void = () => {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: repository, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        onText(text);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Runs a command on this terminal, and gives its exit code. Signals are handed on, and we outlive it:
 * what a Ctrl-C makes it say and save comes before the prompt.
 */
export function onTerminal([program, ...args]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: repository, stdio: "inherit" });
    const handOn = (name: NodeJS.Signals) => void child.kill(name);
    const names = ["SIGINT", "SIGTERM", "SIGUSR1"] as const;
    for (const name of names) process.on(name, handOn);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const name of names) process.off(name, handOn);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}
