// One process of the stress test: random calls of operators, until it is done or it dies.
//
//   node child.ts SEED CALLS PROGRESS_FILE [OPERATOR ...]
//
// Before each call its number and operator are written to the progress file, so that the parent
// knows what a process died of, or hangs in. Prints { calls, errors } as JSON.

import { openSync, writeSync } from "node:fs";
import { engine } from "../../src/binding.ts";
import { CellError, op, scope, setNumThreads } from "../../src/index.ts";
import { isExcluded } from "./excluded.ts";
import { Dice, randomArguments } from "./random-arguments.ts";

const [seed = "0", calls = "1000", progressFile = "/dev/null", ...only] = process.argv.slice(2);
const progress = openSync(progressFile, "w");
const dice = new Dice(Number(seed));
const names =
  only.length > 0
    ? only
    : engine()
        .operators()
        .filter((name) => !isExcluded(name));
setNumThreads(1);

let errors = 0;
for (let i = 0; i < Number(calls); i += 1) {
  const name = dice.pick(names);
  writeSync(progress, `${String(i).padEnd(10)}${name.padEnd(120)}`, 0);
  scope(() => {
    const args = randomArguments(dice, engine().operatorTypes(name));
    try {
      (op(name as "aten::relu") as (...all: unknown[]) => unknown)(...args);
    } catch (error) {
      if (!(error instanceof CellError))
        throw new Error(`${name} threw no CellError`, { cause: error });
      errors += 1;
    }
  });
}
console.log(JSON.stringify({ calls: Number(calls), errors }));
