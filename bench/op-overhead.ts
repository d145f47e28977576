import { join } from "node:path";
import { backward, noGrad, scope, setNumThreads, Tensor } from "@cell-observatory/engine";
import { median } from "./drive/median.ts";
import { startWorker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const ops = ["add", "mm", "view", "linear", "layer_norm"] as const;
type Op = (typeof ops)[number];
/** Without a graph; recording one; recording one and going back through it. */
const modes = ["no_grad", "grad", "backward"] as const;
type Mode = (typeof modes)[number];

const numRounds = 15;
const numCalls = 4000;
/** Calls in one scope: as many as a few transformer blocks make. */
const callsPerScope = 100;

/** What one small operator call costs: ours against Python's torch, 4x4 float32, one thread. */
export const benchmark: Benchmark = {
  name: "op-overhead",
  async run({ python }) {
    setNumThreads(1);
    const peer = startWorker([python, join(import.meta.dirname, "peers", "op_overhead.py")]);
    const rows: Row[] = [];
    for (const op of ops) {
      for (const mode of modes) {
        const call = callOf(op, mode);
        const ours: number[] = [];
        const theirs: number[] = [];
        for (let round = 0; round <= numRounds; round += 1) {
          const a = measure(call, mode);
          const b = await peer.ask<number>([op, mode, numCalls]);
          if (round === 0) continue; // warms up
          ours.push(a);
          theirs.push(b);
        }
        rows.push(rowOf(`${op} ${mode}`, median(ours), median(theirs)));
      }
    }
    await peer.close();
    rows.push(geometricMean(rows));
    return rows;
  },
};

function callOf(op: Op, mode: Mode): () => void {
  const requiresGrad = mode !== "no_grad";
  const [x, w] = [Tensor.randn([4, 4], { requiresGrad }), Tensor.randn([4, 4], { requiresGrad })];
  const b = Tensor.randn([4], { requiresGrad });
  const forward: Readonly<Record<Op, () => Tensor>> = {
    add: () => x.add(w),
    mm: () => x.mm(w),
    view: () => x.view([16]),
    linear: () => x.linear(w, b),
    layer_norm: () => x.layerNorm([4], b, b),
  };
  const run = forward[op];
  if (mode !== "backward") return run;
  const gradient = Tensor.ones(op === "view" ? [16] : [4, 4]);
  return () => backward(run(), { gradient });
}

/** Nanoseconds a call. */
function measure(call: () => void, mode: Mode): number {
  const batch = () => {
    for (let i = 0; i < callsPerScope; i += 1) call();
  };
  const all = () => {
    for (let i = 0; i < numCalls; i += callsPerScope) scope(batch);
  };
  const begin = process.hrtime.bigint();
  if (mode === "no_grad") noGrad(all);
  else all();
  return Number(process.hrtime.bigint() - begin) / numCalls;
}

function rowOf(name: string, ours: number, peer: number): Row {
  const ratio = ours / peer;
  return { bench: "op-overhead", case: name, ours, peer, ratio, unit: "ns", runs: numRounds };
}

function geometricMean(rows: readonly Row[]): Row {
  const mean = (values: readonly number[]) =>
    Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
  const [ours, peer] = [mean(rows.map((r) => r.ours ?? 1)), mean(rows.map((r) => r.peer ?? 1))];
  return rowOf("geometric mean", ours, peer);
}
