// Where set-up puts things, and which Python it asks.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Everything that set-up makes; deleting it starts over. */
export const home = join(repository, ".cello");

/** The Python whose pip brings libtorch. */
export function python() {
  return process.env.CELLO_PYTHON ?? "python3";
}
