import { CellError } from "../errors/index.ts";

const hints = {
  CATALOGUE_CACHE:
    "Ask for no more than what was cached, or ask the database again (use_cached_hypercubes_dataframe=false).",
  CATALOGUE_FILTER:
    "Leave that filter out, or set datasets.databases.with_hypercubes_dataframe to true.",
  CATALOGUE_LOCATION: "Set datasets.databases.location to the column of that storage, or to any.",
  CATALOGUE_MISSING:
    "Check the path: rows in CSV or Parquet must be there. A catalogue is made with `cello data sample` or `cello data catalogue FOLDER`.",
  CATALOGUE_OPEN:
    "Close what else writes to it, or make it again: a catalogue with `cello data catalogue FOLDER`, rows in CSV or Parquet with what wrote them.",
  CATALOGUE_QUERY:
    "See that the disk of temporary files (TMPDIR) has room, or make it again: a catalogue with `cello data catalogue FOLDER`, rows in CSV or Parquet with what wrote them.",
  CATALOGUE_ROW:
    "Correct the row where it is in CSV or Parquet (docs/reference/database.md has the columns), or make the catalogue again with `cello data catalogue FOLDER`.",
  CATALOGUE_SHAPE:
    "Ask for a multiple of the catalogue's blocks; `cello data list` shows the shapes that it has.",
  CATALOGUE_SNAPSHOT:
    "Bring the file back from a copy; or remove the folder, and the database is asked anew.",
  CATALOGUE_WRITE: "Check that the disk is not full, and that the folder may be written.",
  DATABASE_ADDRESS:
    "Write the variable into .env, or name the file that has it in dotenv_path. docs/how-to/use-your-database.md lists them.",
  DATABASE_CONNECT:
    "Check the address, the password and the network; `cello data query` asks the database and nothing else.",
  DATABASE_TABLES:
    "The database must have the tables of the Python platform, or those of a catalogue: see docs/how-to/use-your-database.md.",
  DATABASE_ROW: "Correct the row in the database, or leave it out by a filter.",
  DATABASE_READ:
    "Start it again: nothing of what was read is kept. Where it took too long, ask for less. A snapshot of the query can be read without the server.",
} as const;

export type CatalogueErrorCode = keyof typeof hints;

/** A catalogue, or the server that has one, cannot be found, opened, asked, read to the end or written. */
export class CatalogueError extends CellError {
  readonly code: CatalogueErrorCode;
  readonly hint: string;

  constructor(code: CatalogueErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hints[code];
  }
}
