import { runCommandLine } from "./program.ts";
import { stopOnSignals } from "./stop-signals.ts";

/** Runs the command line of a process, and sets its exit code; whatever still runs may end. */
export async function runProcess(self: NodeJS.Process): Promise<void> {
  const { stdout, stderr } = self;
  const { signal, release } = stopOnSignals({
    source: self,
    note: (text) => stderr.write(`\n${text}\n`),
    exit: (code) => self.exit(code),
    now: () => performance.now(),
  });
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (hasReaderGone(error)) return;
    stderr.write(`standard output cannot be written: ${error.message}\n`);
    self.exitCode = 74;
  });
  stderr.on("error", () => {}); // there is nowhere left to say it, and a run goes on without
  const exitCode = await runCommandLine(self.argv.slice(2), { stdout, stderr, signal });
  self.exitCode ||= exitCode;
  release();
}

/** `cello ... | head`, or a terminal that was closed: no error. */
const hasReaderGone = ({ code }: NodeJS.ErrnoException) => code === "EPIPE" || code === "EIO";
