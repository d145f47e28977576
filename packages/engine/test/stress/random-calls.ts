import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What became of the calls of one process. */
export interface StressResult {
  readonly calls: number;
  /** Calls that ended with an error of ours. */
  readonly errors: number;
  /** What the process died of, and in which operator; undefined when all is well. */
  readonly death?: string;
}

const childFile = join(import.meta.dirname, "child.ts");
/** A call that takes longer has not returned. */
const hangMs = 60_000;

/** Calls operators with random arguments in a process of its own. */
export async function randomCalls(options: {
  readonly seed: number;
  readonly calls: number;
  readonly operators?: readonly string[];
}): Promise<StressResult> {
  const { seed, calls, operators = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), "stress-"));
  const progressFile = join(folder, "progress");
  const lastCall = () => readFileSync(progressFile, "utf8").replace(/\s+/, ": ").trim();
  try {
    const { ending, output } = await watched(
      [childFile, String(seed), String(calls), progressFile, ...operators],
      { folder, progress: lastCall },
    );
    // Some libraries complain on the standard output too: ours is the last line.
    const errors = Number(output.trimEnd().split("\n").at(-1));
    if (ending === undefined) return { calls, errors };
    return { calls, errors: 0, death: `${ending} in call ${lastCall()} (seed ${seed})` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Runs node until it ends, or until `progress` stands still. In a folder of its own: some operators
 * write files.
 */
function watched(
  args: readonly string[],
  { folder, progress }: { readonly folder: string; readonly progress: () => string },
): Promise<{ readonly ending: string | undefined; readonly output: string }> {
  // Little memory, so that huge tensors are refused and not computed with, and so that an operator
  // which gathers without end gets no more, and not the whole machine.
  const env = { ...process.env, CELLO_MEMORY_LIMIT_BYTES: String(2 ** 28) };
  // AddressSanitizer's shadow of the whole address space would count.
  const dataKib = process.env.LD_PRELOAD?.includes("libasan") === true ? "unlimited" : 4 << 20;
  const limited = ["-c", `ulimit -d ${dataKib}; exec "$0" "$@"`, process.execPath, ...args];
  const child = spawn("sh", limited, { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  const complaints: string[] = [];
  child.stdout.on("data", (chunk) => output.push(String(chunk)));
  child.stderr.on("data", (chunk) => complaints.push(String(chunk)));
  let last = "";
  let isHanging = false;
  const timer = setInterval(() => {
    const now = progress();
    isHanging = now === last;
    last = now;
    if (isHanging) child.kill("SIGKILL");
  }, hangMs);
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      clearInterval(timer);
      const ended = signal ?? `exit ${code}: ${complaints.join("").slice(-500)}`;
      const ending = isHanging ? "no return" : code === 0 ? undefined : ended;
      resolve({ ending, output: output.join("") });
    });
  });
}
