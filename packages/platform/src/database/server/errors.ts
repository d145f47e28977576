import { CellError } from "../../errors/index.ts";

const hints = {
  DATABASE_ADDRESS:
    "Write the variable into .env, or name the file that has it in dotenv_path. docs/how-to/use-your-database.md lists them.",
  DATABASE_CONNECT:
    "Check the address, the password and the network; `cello data query` asks the database and nothing else.",
  DATABASE_TABLES:
    "The database must have the tables of the Python platform, or those of a catalogue: see docs/how-to/use-your-database.md.",
  DATABASE_ROW: "Correct the row in the database, or leave it out by a filter.",
  DATABASE_READ:
    "Start it again: nothing of what was read is kept. A snapshot of the query can be read without the server.",
} as const;

export type DatabaseErrorCode = keyof typeof hints;

/** A database server cannot be found, reached, or read to the end. */
export class DatabaseError extends CellError {
  readonly code: DatabaseErrorCode;
  readonly hint: string;

  constructor(code: DatabaseErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hints[code];
  }
}
