import { Faults } from "../faults/faults.ts";

/** Does all, and throws what went wrong with any: whoever corrects a config corrects it once. */
export function gathered<T, R>(items: readonly T[], work: (item: T) => R): readonly R[] {
  const faults = new Faults();
  const done = items.flatMap((item) => faults.attempt(() => [work(item)], []));
  faults.ensureNone(`${items.length - done.length} of the ${items.length} runs`);
  return done;
}
