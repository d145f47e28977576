// Writes src/ops.gen.ts from the operators of the libtorch that is loaded, ours among them.
//
//   node packages/engine/codegen/main.ts

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { engine } from "../src/binding.ts";
import { operatorTypesFile } from "./operator-types.ts";

const file = fileURLToPath(new URL("../src/ops.gen.ts", import.meta.url));
writeFileSync(file, operatorTypesFile(engine()));
