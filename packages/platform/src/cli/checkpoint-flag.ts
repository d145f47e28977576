import type { Flag } from "./flag.ts";
import { UsageError } from "./usage-error.ts";

export const checkpointFlag = {
  kind: "text",
  value: "WHICH",
  help: "best, latest, or a step; by default the best, or else the latest",
} as const satisfies Flag;

/** @throws {@link UsageError} for anything but best, latest and a step. */
export function whichCheckpoint(text: string | undefined): "best" | "latest" | number | null {
  if (text === undefined) return null;
  if (text === "best" || text === "latest") return text;
  const step = Number(text.replace(/^step-/, ""));
  if (Number.isSafeInteger(step) && step >= 0) return step;
  throw new UsageError(
    `expected best, latest or a step after --checkpoint, got "${text}"`,
    "The steps are the numbers of the folders in checkpoints/ of the run.",
  );
}
