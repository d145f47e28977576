// Composing and checking the largest experiment of configs/: by the command, from process start to
// the last line printed, and again and again in a process that runs. The peer is Hydra's compose
// with everything resolved; it checks nothing, for its checks would be other work.

import { join } from "node:path";
import { readBuilt } from "../packages/platform/bin/built-sources.mjs";
import { composeRun, provenanceOf, searchPathOf } from "../packages/platform/src/config/index.ts";
import { command, repository } from "../tools/command.ts";
import { median } from "./drive/median.ts";
import { startWorker, type Worker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const runs = 15;
const configs = join(repository, "configs");
const peerScript = join(import.meta.dirname, "peers/compose.py");

export const benchmark: Benchmark = {
  name: "compose",
  async run({ python }) {
    const name = largestExperiment();
    const cello = join(repository, "packages/platform/bin/cello.mjs");
    const flags = [`--config-name=${name}`, "--resolve", "--json"];
    const ours = [process.execPath, cello, "config", "print", ...flags] as const;
    const peer = [python, peerScript, configs, name] as const;
    return [...(await fromStart(name, [ours, peer])), await inProcess(name, python)];
  },
};

/** The experiment with the most values, so that a new one is measured when it is larger. */
function largestExperiment(): string {
  const sizes = searchPathOf([])
    .options("experiments")
    .map((option) => {
      const name = `experiments/${option}`;
      const request = { configName: name, overrides: [], configDirs: [], env: process.env };
      const { composition } = composeRun(request);
      return { name, size: [...provenanceOf(composition.resolved)].length };
    });
  return sizes.reduce((most, one) => (one.size > most.size ? one : most)).name;
}

type Program = readonly [string, ...string[]];

async function fromStart(name: string, programs: readonly [Program, Program]): Promise<Row[]> {
  const found: Spent[][] = programs.map(() => []);
  for (let run = 0; run <= runs; run++) {
    for (const i of run % 2 === 0 ? [0, 1] : [1, 0]) {
      const spent = await spentBy(programs[i] ?? programs[0]);
      if (run > 0) found[i]?.push(spent); // the first fills the caches
    }
  }
  if (!readBuilt(repository)?.id) {
    throw new Error("the command ran from its sources, which have changed since: npm run setup");
  }
  const [ours = [], peer = []] = found;
  const what = `${name}, from process start`;
  return [
    row(what, ours.map(wall), peer.map(wall)),
    row(`${what}, processor time`, ours.map(processor), peer.map(processor)),
  ];
}

interface Spent {
  readonly wallMs: number;
  readonly processorMs: number;
}
const wall = ({ wallMs }: Spent) => wallMs;
const processor = ({ processorMs }: Spent) => processorMs;

/** What one run of a program takes, from the moment that a shell starts it; all threads count. */
async function spentBy(program: Program): Promise<Spent> {
  const script = 'TIMEFORMAT="took %3R %3U %3S"; time "$@"';
  const { code, output } = await command(["bash", "-c", script, "bash", ...program]);
  const [, real, user, system] = /took (\S+) (\S+) (\S+)/.exec(output) ?? [];
  if (code !== 0 || !output.includes('"experiment_name"')) throw new Error(output);
  return { wallMs: Number(real) * 1000, processorMs: (Number(user) + Number(system)) * 1000 };
}

async function inProcess(name: string, python: string): Promise<Row> {
  const programs: readonly Program[] = [
    [process.execPath, join(import.meta.dirname, "workers/compose.ts"), name],
    [python, peerScript, configs, name, "--serve"],
  ];
  const workers = programs.map(startWorker);
  const found: number[][] = workers.map(() => []);
  for (let run = -3; run < runs; run++) {
    for (const [i, worker] of workers.entries()) {
      const ms = await composedBy(worker);
      if (run >= 0) found[i]?.push(ms);
    }
  }
  await Promise.all(workers.map((worker) => worker.close()));
  const [ours = [], peer = []] = found;
  return row(`${name}, in a running process`, ours, peer);
}

async function composedBy(worker: Worker): Promise<number> {
  const { ms } = await worker.ask<{ readonly ms: number }>({});
  return ms;
}

function row(what: string, ours: readonly number[], peer: readonly number[]): Row {
  const [a, b] = [median(ours), median(peer)];
  return { bench: "compose", case: what, ours: a, peer: b, ratio: a / b, unit: "ms", runs };
}
