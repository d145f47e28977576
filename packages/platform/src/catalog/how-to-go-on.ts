import type { RunConfig } from "../config/index.ts";
import type { RunLength } from "../training/index.ts";

export interface Ended {
  readonly step: number;
  /** A hook has ended it, and would again. */
  readonly isByHook: boolean;
}

/** The keys to change for a run that is finished to go on, as a sentence: what ended it decides. */
export function howToGoOn(
  { trainer, hooks }: Pick<RunConfig, "trainer" | "hooks">,
  { totalSteps, stepsPerEpoch }: RunLength,
  { step, isByHook }: Ended,
): string {
  const changes: string[] = [];
  if (isByHook) {
    const at = hooks?.hooks_list.findIndex(({ name }) => name === "early_stop") ?? -1;
    const hook = hooks?.hooks_list[at];
    if (hook?.name === "early_stop") {
      const { patience } = hook;
      changes.push(
        `raise hooks.hooks_list.${at}.patience, now ${patience}, or take early_stop out`,
      );
    }
  }
  if (step >= totalSteps) {
    const { epochs, max_steps } = trainer;
    if (max_steps !== null && max_steps <= totalSteps) {
      changes.push(`raise trainer.max_steps, now ${max_steps}`);
    }
    if (epochs !== null && epochs * stepsPerEpoch <= totalSteps) {
      changes.push(`raise trainer.epochs, now ${epochs}`);
    }
  }
  if (changes.length === 0) return "The same command goes on; to start over, add --fresh.";
  return `To train longer, ${changes.join(", and ")}; to start over, add --fresh.`;
}
