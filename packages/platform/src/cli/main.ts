#!/usr/bin/env node
import { runCommandLine } from "./program.ts";
import { stopOnSignals } from "./stop-signals.ts";

const { stdout, stderr } = process;
const { signal, release } = stopOnSignals({
  source: process,
  note: (text) => stderr.write(`\n${text}\n`),
  exit: (code) => process.exit(code),
});
// a reader that goes away (`cello ... | head`) is no error
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await runCommandLine(process.argv.slice(2), { stdout, stderr, signal });
release();
