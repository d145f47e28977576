import { join } from "node:path";
import { jsonlWriter } from "./jsonl-writer.ts";
import { writerSuite } from "./writer.suite.ts";

writerSuite({
  name: "jsonl",
  open: (folder, options) => jsonlWriter(join(folder, "events.jsonl"), options),
});
