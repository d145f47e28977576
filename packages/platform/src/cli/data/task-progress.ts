import type { Output } from "../output.ts";

/**
 * Tells of a long task in lines: when something begins, and every few seconds how far it is and how
 * long the rest will take at the pace so far.
 */
export async function taskProgress(
  output: Output,
  now: () => number = () => performance.now(),
): Promise<(what: string, done: number) => void> {
  const { duration } = await import("../../telemetry/index.ts");
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let said = "";
  let began = { atMs: 0, done: 0 };
  const rest = (seconds: number | null) => (seconds === null ? "" : `, ${duration(seconds)} left`);
  return (what, done) => {
    const isNew = what !== said;
    if (isNew) began = { atMs: now(), done };
    if (!isNew && now() - saidAtMs < 5000) return;
    output.note(
      isNew ? what : `${what}: ${Math.floor(100 * done)} %${rest(left(began, done, now()))}`,
    );
    saidAtMs = now();
    said = what;
  };
}

/** Seconds; what was done before, by an earlier process, says nothing of the pace. */
function left(began: { atMs: number; done: number }, done: number, atMs: number): number | null {
  if (done <= began.done || done >= 1) return null;
  return ((atMs - began.atMs) / 1000 / (done - began.done)) * (1 - done);
}
