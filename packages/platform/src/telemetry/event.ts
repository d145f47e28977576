import { z } from "zod";
import { hideSecrets } from "../secrets/index.ts";

/** JSON has no NaN and no infinities; a loss does. They are written as these three strings. */
const Scalar = z.union([
  z.number(),
  z.enum(["NaN", "Infinity", "-Infinity"]).transform((text) => Number(text)),
]);

const moment = {
  time: z.iso.datetime().describe("when it happened, UTC"),
  epoch: z.int().nonnegative().describe("epoch it belongs to, from 0"),
  step: z.int().nonnegative().describe("optimizer steps that were done by then"),
};
const scalars = z.record(z.string(), Scalar).readonly();

const StartEvent = z.strictObject({
  kind: z.literal("start"),
  ...moment,
  resumed_from: z.int().nonnegative().nullable().describe("step of the save; null: a new run"),
});
const StepEvent = z.strictObject({ kind: z.literal("step"), ...moment, scalars });
const EpochEvent = z.strictObject({ kind: z.literal("epoch"), ...moment, scalars });
const CheckpointEvent = z.strictObject({
  kind: z.literal("checkpoint"),
  ...moment,
  path: z.string().describe("folder of the save, relative to the run's"),
});
const NoteEvent = z.strictObject({
  kind: z.literal("note"),
  ...moment,
  level: z.enum(["info", "warning", "error"]),
  code: z.string().nullable().describe("code of docs/reference/errors.md, if it has one"),
  message: z.string(),
});
const EndEvent = z.strictObject({
  kind: z.literal("end"),
  ...moment,
  outcome: z.enum(["completed", "stopped", "failed"]),
  message: z.string(),
});

/** One thing that happened in a run: a line of `events.jsonl`. */
export const Event = z.discriminatedUnion("kind", [
  StartEvent.readonly(),
  StepEvent.readonly(),
  EpochEvent.readonly(),
  CheckpointEvent.readonly(),
  NoteEvent.readonly(),
  EndEvent.readonly(),
]);
export type Event = z.output<typeof Event>;
export type Scalars = Readonly<Record<string, number>>;

/** One line of JSON, without the newline; {@link Event} reads it back to an equal event. */
export function eventToJson(event: Event): string {
  const shown = "message" in event ? hideSecrets(event) : event; // errors quote what they were given
  return JSON.stringify(shown, (_, value) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}
