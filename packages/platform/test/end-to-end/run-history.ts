import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointStore } from "../../src/checkpoint/index.ts";
import { readEvents } from "../../src/telemetry/index.ts";

/** What two runs must agree on to be the same run: rows, and the last checkpoint, to the bit. */
export interface RunHistory {
  readonly rows: readonly unknown[];
  readonly columns: readonly string[];
  readonly final: unknown;
}

/** Columns that say how fast the machine was, and what was in its caches. */
const times = /^(\w+_time|data_cached|samples_per_s|eta)$/;

const keep = { keep_last: 2, keep_every: null };

export async function runHistory(folder: string): Promise<RunHistory> {
  const rows: unknown[] = [];
  for (const event of readEvents(join(folder, "logs", "events.jsonl"))) {
    if (event.kind !== "step" && event.kind !== "epoch") continue;
    const { time: _, scalars, ...row } = event;
    const values = Object.entries(scalars).filter(([name]) => !times.test(name));
    rows.push({ ...row, scalars: Object.fromEntries(values) });
  }
  const store = new CheckpointStore({ folder: join(folder, "checkpoints"), keep });
  const { step, model, optimizer, state } = await store.load("latest");
  const best = await store.pointed("best");
  const bytes = (table: typeof model) =>
    [...table].map(([name, tensor]) => [name, Buffer.from(tensor.bytes).toString("base64")]);
  return {
    rows,
    columns: await timelessCsv(folder),
    final: { step, model: bytes(model), optimizer: bytes(optimizer), state, best },
  };
}

/** Every checkpoint that is listed loads, and its bytes are what its manifest says. */
export async function listedSteps(folder: string): Promise<readonly number[]> {
  const store = new CheckpointStore({ folder: join(folder, "checkpoints"), keep });
  const entries = await store.entries();
  for (const { step } of entries) await store.load(step);
  return entries.map(({ step }) => step);
}

async function timelessCsv(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, "logs", "step_logbook.csv"), "utf8");
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const kept = header.split(",").map((name) => name !== "time" && !times.test(name));
  return [header, ...lines].map((line) =>
    line
      .split(",")
      .filter((_, i) => kept[i])
      .join(","),
  );
}
