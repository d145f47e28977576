import { runCommandLine } from "./program.ts";
import { stopOnSignals } from "./stop-signals.ts";

/** Runs the command line of a process, and sets its exit code; whatever still runs may end. */
export async function runProcess(self: NodeJS.Process): Promise<void> {
  const { stdout, stderr } = self;
  const { signal, release } = stopOnSignals({
    source: self,
    note: (text) => stderr.write(`\n${text}\n`),
    exit: (code) => self.exit(code),
  });
  // a reader that goes away (`cello ... | head`) is no error
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  self.exitCode = await runCommandLine(self.argv.slice(2), { stdout, stderr, signal });
  release();
}
