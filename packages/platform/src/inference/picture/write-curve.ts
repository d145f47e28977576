import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { readEvents, temporaryName } from "../../telemetry/index.ts";
import { type CurveContent, lossCurve } from "./loss-curve.ts";
import type { CurvePoint } from "./smoothed.ts";

export interface WriteCurveOptions extends Pick<CurveContent, "title" | "levels"> {
  /** `events.jsonl` of a run. */
  readonly events: string;
  /** The PNG. */
  readonly target: string;
}

/** Draws the loss of a run from its log; null when nothing was logged yet. */
export async function writeCurve({
  events,
  target,
  ...content
}: WriteCurveOptions): Promise<string | null> {
  if (!existsSync(events)) return null;
  const training: CurvePoint[] = [];
  const validation: CurvePoint[] = [];
  for (const event of readEvents(events)) {
    if (event.kind === "step") add(training, event.step, event.scalars.step_loss);
    if (event.kind === "epoch") add(validation, event.step, event.scalars.val_step_loss);
  }
  if (training.length === 0) return null;
  const temporary = temporaryName(target);
  await writeFile(temporary, lossCurve({ ...content, training, validation }));
  await rename(temporary, target); // a viewer that watches the file never sees half of it
  return target;
}

function add(points: CurvePoint[], step: number, loss: number | undefined): void {
  if (loss !== undefined) points.push({ step, loss });
}
