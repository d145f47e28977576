// Writes what is said of the config's keys outside of the code: configs/schema.json for editors, and
// docs/reference/config.md for readers. A test compares both with the schemas.
//
//   node tools/write-config-reference.ts

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./command.ts";
import { configReference } from "./config-reference/files.ts";

for (const [path, text] of configReference()) {
  writeFileSync(join(repository, path), text);
  console.log(path);
}
