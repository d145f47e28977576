// `npm start`: from nothing to a picture. Sample data, a masked autoencoder trained on it, its
// predictions, and where everything is. Run again, it continues, or shows what is there.

import { join } from "node:path";
import { onTerminal, repository } from "./command.ts";

const experiment = "experiments/nuclei_mae";
const cello = [process.execPath, join(repository, "packages/platform/bin/cello.mjs")] as const;

const parts: readonly (readonly [title: string, ...args: string[]])[] = [
  ["Sample data", "data", "sample"],
  ["Training", "train", `--config-name=${experiment}`],
  ["Prediction", "predict", `--config-name=${experiment}`],
];

for (const [index, [title, ...args]] of parts.entries()) {
  console.log(`\n${index + 1}/${parts.length} ${title}: cello ${args.join(" ")}`);
  const code = await onTerminal([...cello, ...args]);
  if (code !== 0) {
    console.error(`\n${title} ended with exit code ${code}; npm start goes on from here.`);
    process.exit(code);
  }
}

console.log(`
What to try next:
  npm run cello -- train --config-name=${experiment} trainer.epochs=200 experiment_name=longer
  npm run cello -- data import YOUR.tif --out data/yours
  npm run cello -- --help`);
