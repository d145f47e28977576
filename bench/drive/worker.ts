import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that answers one JSON line with one JSON line, and stays until it is closed. */
export interface Worker {
  ask<Answer>(command: unknown): Promise<Answer>;
  /** The next line that it writes, unasked. */
  answer<Answer>(): Promise<Answer>;
  close(): Promise<void>;
}

/** @throws when the process ends before it has answered: with what it wrote to stderr. */
export function startWorker(words: readonly [string, ...string[]]): Worker {
  const [program, ...args] = words;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  async function answer<Answer>(): Promise<Answer> {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${words.join(" ").slice(0, 200)} ended:\n${complaint}`);
    return JSON.parse(value) as Answer;
  }
  return {
    answer,
    ask<Answer>(command: unknown) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return answer<Answer>();
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
