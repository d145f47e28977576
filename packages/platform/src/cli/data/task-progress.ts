import type { Output } from "../output.ts";

/** Tells of a long task in lines: when something begins, and every few seconds how far it is. */
export function taskProgress(
  output: Output,
  now: () => number = () => performance.now(),
): (what: string, done: number) => void {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let said = "";
  return (what, done) => {
    const isNew = what !== said;
    if (!isNew && now() - saidAtMs < 5000) return;
    output.note(isNew ? what : `${what}: ${Math.floor(100 * done)} %`);
    saidAtMs = now();
    said = what;
  };
}
