// A soak of the loader: many batches of damaged images with labels, through cache, slots and copies,
// and processes that are killed as they read. Nothing may stay behind. CONTRIBUTING.md has a longer one.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Verification } from "../verify.ts";

const script = join(import.meta.dirname, "../../packages/platform/test/loader-soak.ts");
const [batches, kills] = [20_000, 12];

interface Soak {
  readonly batches: number;
  readonly left: Readonly<Record<string, readonly [count: number, most: number]>>;
  readonly faults: readonly string[];
  readonly skipped: number;
  readonly cachedChunks: number;
}

export const verification: Verification = {
  name: `loader: ${batches} batches and ${kills} kills leave nothing behind`,
  async run({ seed }) {
    const options = ["--batches", batches, "--kills", kills, "--seed", seed].map(String);
    // A process of its own: what others of this one hold is not the loader's.
    const soak = spawn(process.execPath, ["--expose-gc", "--no-warnings", script, ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const answer = await text(soak.stdout);
    if (answer === "") return { passed: 0, failed: 1, lines: ["the soak ended without an answer"] };
    const { left, faults, skipped, cachedChunks, ...found } = JSON.parse(answer) as Soak;
    const all = Object.entries(left);
    const line = `${found.batches} batches, ${skipped} samples skipped, ${cachedChunks} chunks from the cache`;
    return {
      passed: all.length - faults.length,
      failed: faults.length,
      lines: [line, ...all.map(([what, [count]]) => `${count} ${what}`)],
    };
  },
};
