import { catalogueVerb } from "./data/catalogue.ts";
import { checkVerb } from "./data/check.ts";
import { importVerb } from "./data/import.ts";
import { listVerb } from "./data/list.ts";
import { queryVerb } from "./data/query.ts";
import { sampleVerb } from "./data/sample.ts";
import { showVerb } from "./data/show.ts";
import { simulateVerb } from "./data/simulate.ts";
import type { VerbGroup } from "./verb.ts";

export const data: VerbGroup = {
  name: "data",
  summary: "get images, list them in a catalogue, ask it, check them",
  examples: [
    "cello data sample",
    "cello data import stack.tif --out data/mine",
    "cello data catalogue data/mine",
    "cello data list",
  ],
  verbs: [
    sampleVerb,
    importVerb,
    simulateVerb,
    catalogueVerb,
    listVerb,
    queryVerb,
    checkVerb,
    showVerb,
  ],
};
