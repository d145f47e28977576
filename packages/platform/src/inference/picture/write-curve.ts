import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { readEvents } from "../../telemetry/index.ts";
import { type CurvePoint, lossCurve } from "./loss-curve.ts";

export interface WriteCurveOptions {
  /** `events.jsonl` of a run. */
  readonly events: string;
  /** The PNG. */
  readonly target: string;
  readonly title: string;
}

/** Draws the loss of a run from its log; null when nothing was logged yet. */
export async function writeCurve({
  events,
  target,
  title,
}: WriteCurveOptions): Promise<string | null> {
  if (!existsSync(events)) return null;
  const training: CurvePoint[] = [];
  const validation: CurvePoint[] = [];
  for (const event of readEvents(events)) {
    if (event.kind === "step") add(training, event.step, event.scalars.step_loss);
    if (event.kind === "epoch") add(validation, event.step, event.scalars.val_step_loss);
  }
  if (training.length === 0) return null;
  await writeFile(target, lossCurve({ title, training, validation }));
  return target;
}

function add(points: CurvePoint[], step: number, loss: number | undefined): void {
  if (loss !== undefined) points.push({ step, loss });
}
