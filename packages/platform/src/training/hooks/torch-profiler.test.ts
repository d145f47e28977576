import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Tensor } from "@cell-observatory/engine";
import { type Event, EventRecorder, type EventWriter } from "../../telemetry/index.ts";
import type { BeforeStepEvent, StepEvent } from "../hook.ts";
import { type TraceSchedule, torchProfiler } from "./torch-profiler.ts";

const root = mkdtempSync(join(tmpdir(), "trace-"));
after(() => rmSync(root, { recursive: true }));
const usual: TraceSchedule = { skip_first: 0, wait: 0, warmup: 0, active: 1, repeat: 1 };

/** Runs steps of one operator each, named by the step: what a trace holds tells its steps. */
async function traced(schedule: Partial<TraceSchedule>, numSteps: number, shutdown = false) {
  const folder = mkdtempSync(join(root, "run-"));
  const events: Event[] = [];
  const writer: EventWriter = { write: (event) => void events.push(event), sync() {}, close() {} };
  const recorder = new EventRecorder({ writers: [writer], clock: { now: () => 0 } });
  const stops: string[] = [];
  const hook = torchProfiler({
    folder,
    schedule: { ...usual, ...schedule },
    cuda: false,
    shutdown_after_profile: shutdown,
  });
  const x = Tensor.ones([2]);
  const operators = [() => x.exp(), () => x.cos(), () => x.sin(), () => x.sqrt(), () => x.neg()];
  const context = { epoch: 0, recorder, stop: (reason: string) => void stops.push(reason) };
  for (let step = 0; step < numSteps && stops.length === 0; step++) {
    await hook.beforeStep?.({ ...context, step } as unknown as BeforeStepEvent);
    operators[step]?.();
    await hook.afterStep?.({ ...context, step: step + 1 } as unknown as StepEvent);
  }
  await hook.afterTrain?.({ ...context, step: numSteps } as unknown as BeforeStepEvent);
  const traces = readdirSync(folder).map((file) => {
    const { traceEvents } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const names = new Set<string>(traceEvents.map(({ name }: { name: string }) => name));
    const seen = ["exp", "cos", "sin", "sqrt", "neg"].filter((name) => names.has(`aten::${name}`));
    return [file, seen];
  });
  const notes = events.flatMap((event) => (event.kind === "note" ? [event.message] : []));
  return { traces, notes, stops };
}

for (const [what, schedule, expected] of [
  ["the first step", {}, [["step-000000001.pt.trace.json", ["exp"]]]],
  [
    "two steps after one that is skipped",
    { skip_first: 1, active: 2 },
    [["step-000000002.pt.trace.json", ["cos", "sin"]]],
  ],
  [
    "every second step, twice",
    { warmup: 1, repeat: 2 },
    [
      ["step-000000002.pt.trace.json", ["cos"]],
      ["step-000000004.pt.trace.json", ["sqrt"]],
    ],
  ],
  [
    "to the end, where a trace is cut short",
    { wait: 1, active: 2, repeat: 0 },
    [
      ["step-000000002.pt.trace.json", ["cos", "sin"]],
      ["step-000000005.pt.trace.json", ["neg"]],
    ],
  ],
] as const) {
  test(`a trace holds the operators of the steps that are asked for: ${what}`, async () => {
    const { traces } = await traced(schedule, 5);
    assert.deepEqual(traces.toSorted(), expected);
  });
}

test("the log says where a trace is, and the run may end with it", async () => {
  const { notes, stops, traces } = await traced({ skip_first: 1 }, 5, true);
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? "", /^the operators of the steps up to 2 are in .*step-000000002/);
  assert.equal(stops.length, 1);
  assert.equal(traces.length, 1);
});
