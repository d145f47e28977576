import { CellError } from "../errors/index.ts";

const hints = {
  CATALOGUE_CACHE:
    "Ask for no more than what was cached, or ask the database again (use_cached_hypercubes_dataframe=false).",
  CATALOGUE_FILTER:
    "Leave that filter out, or set datasets.databases.with_hypercubes_dataframe to true.",
  CATALOGUE_LOCATION: "Set datasets.databases.location to the column of that storage, or to any.",
  CATALOGUE_MISSING: "Make one with `cello data sample` or `cello data catalogue FOLDER`.",
  CATALOGUE_OPEN:
    "Close what else writes to it, or make it again with `cello data catalogue FOLDER`.",
  CATALOGUE_QUERY: "Make the catalogue again with `cello data catalogue FOLDER`.",
  CATALOGUE_ROW: "Make the catalogue again with `cello data catalogue FOLDER`.",
  CATALOGUE_SHAPE:
    "Ask for a multiple of the catalogue's blocks; `cello data list` shows the shapes that it has.",
  CATALOGUE_SNAPSHOT:
    "Bring the file back from a copy; or remove the folder, and the database is asked anew.",
  CATALOGUE_WRITE: "Check that the disk is not full, and that the folder may be written.",
} as const;

export type CatalogueErrorCode = keyof typeof hints;

/** A catalogue cannot be opened, asked or written. */
export class CatalogueError extends CellError {
  readonly code: CatalogueErrorCode;
  readonly hint: string;

  constructor(code: CatalogueErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hints[code];
  }
}
