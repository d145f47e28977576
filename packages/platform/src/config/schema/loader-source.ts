import { selectionKeysInDatasets } from "./databases.ts";
import { choice, group, keys, list, orNull, text, unused } from "./key.ts";
import { layout } from "./layout.ts";

/** The reference platform's `dataset`: what is behind its loader; ours asks `databases`. */
export const SourceConfig = group("what is behind the reference platform's loader", () =>
  keys({
    kind: choice("which loader", ["ray", "torch", "dali"]).default("ray"),
    columns: orNull(
      list(`columns of the rows that are kept; null: all (${unused})`, text("column")),
    ),
    input_layout: layout("axes; as dataset_layout_order").optional(),
    ...selectionKeysInDatasets(),
    hypercubes_dataframe_path: orNull(text("as datasets.hypercubes_dataframe_path")),
    server_folder_path: orNull(text("as paths.server_folder_path")),
  }),
);
