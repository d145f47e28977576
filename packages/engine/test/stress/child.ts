// One process of the stress test: random calls of operators, until it is done or it dies.
//
//   node child.ts SEED CALLS PROGRESS_FILE [OPERATOR ...]
//
// Before each call its number and operator are written to the progress file, so that the parent
// knows what a process died of, or hangs in. Prints how many calls ended with an error.

import { openSync, writeSync } from "node:fs";
import { engine } from "../../src/binding.ts";
import {
  CellError,
  liveTensors,
  scope,
  setNumThreads,
  Tensor,
  uncheckedOp,
} from "../../src/index.ts";
import { whyUnchecked } from "../../src/unchecked-operators.ts";
import { Dice, randomArguments } from "./random-arguments.ts";

const [seed = "0", calls = "1000", progressFile = "/dev/null", ...only] = process.argv.slice(2);
const checked = () =>
  engine()
    .operators()
    .filter((name) => whyUnchecked(name) === undefined);
const names = only.length > 0 ? only : checked();
const progress = openSync(progressFile, "w");
const dice = new Dice(Number(seed));
setNumThreads(1);

/** Reads every element, so that a tensor which reaches beyond its memory is found out. */
function readAll(x: Tensor): void {
  try {
    if (x.numel < 1e6) x.data();
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
  }
}

let errors = 0;
for (let i = 0; i < Number(calls); i += 1) {
  const name = dice.pick(names);
  writeSync(progress, `${String(i).padEnd(10)}${name.padEnd(120)}`, 0);
  scope(() => {
    const args = randomArguments(dice, engine().operatorTypes(name));
    const call = uncheckedOp(name as "aten::relu") as (...all: readonly unknown[]) => unknown;
    let result: unknown;
    try {
      result = call(...args);
    } catch (error) {
      if (!(error instanceof CellError)) throw new Error(`${name} threw`, { cause: error });
      errors += 1;
    }
    for (const x of [args, result].flat(2)) if (x instanceof Tensor) readAll(x);
  });
}
if (liveTensors() > 0) throw new Error(`${liveTensors()} tensors were left behind`);
console.log(errors);
