import { join } from "node:path";
import { formatError } from "../errors/index.ts";
import type { ChildReport } from "../launch/index.ts";
import { hideSecrets, loadDotenv } from "../secrets/index.ts";
import { runCommandLine } from "./program.ts";
import { stopOnSignals } from "./stop-signals.ts";

const repository = join(import.meta.dirname, "../../../..");

/** Runs the command line of a process, and sets its exit code; whatever still runs may end. */
export async function runProcess(self: NodeJS.Process): Promise<void> {
  const { stdout, stderr } = self;
  const say = (text: string) => void stderr.write(`${hideSecrets(text)}\n`);
  const { signal, release } = stopOnSignals({
    source: self,
    note: (text) => {
      if (!self.send) stderr.write(`\n${text}\n`); // else it is said by who started this one, too
    },
    exit: (code) => self.exit(code),
    now: () => performance.now(),
  });
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (hasReaderGone(error)) return;
    say(`standard output cannot be written: ${error.message}`);
    self.exitCode = 74;
  });
  stderr.on("error", () => {}); // there is nowhere left to say it, and a run goes on without
  // Node would print the message and the stack as they are, with whatever they quote
  self.on("uncaughtException", (error) => {
    say(formatError(error, { withStack: true }));
    self.exit(1);
  });
  loadDotenv({ folders: [self.cwd(), repository], env: self.env, note: say });
  // the process that started this one is gone: nobody waits for the rest
  self.on("disconnect", () => self.kill(self.pid, "SIGTERM"));
  self.channel?.unref();
  const report = self.send && ((one: ChildReport) => void self.send?.(one));
  const surroundings = { stdout, stderr, signal, ...(report && { report }) };
  const exitCode = await runCommandLine(self.argv.slice(2), surroundings);
  self.exitCode ||= exitCode;
  release();
}

/** `cello ... | head`, or a terminal that was closed: no error. */
const hasReaderGone = ({ code }: NodeJS.ErrnoException) => code === "EPIPE" || code === "EIO";
