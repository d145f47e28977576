import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AppendFile } from "./append-file.ts";
import { endOfLog } from "./end-of-log.ts";
import { EventsWriteError } from "./errors.ts";
import type { Event, Scalars } from "./event.ts";
import { type Line, readLines } from "./lines.ts";
import { replaceFile } from "./replace-file.ts";
import { comesAfter, type EventWriter, type OpenOptions } from "./writer.ts";

interface CsvNames {
  /** Names of the two files, without `.csv`. */
  readonly stepName?: string;
  readonly epochName?: string;
}

/**
 * Writes the scalars of steps and of epochs as two tables, for spreadsheets and pandas.
 *
 * A scalar that appears for the first time becomes a new last column; rows before it are empty
 * there. Numbers are written so that they read back exactly.
 */
export function csvWriter(
  folder: string,
  { stepName = "step_logbook", epochName = "epoch_logbook", ...options }: CsvNames & OpenOptions,
): EventWriter {
  const tables = {
    step: new Table(join(folder, `${stepName}.csv`), "step", options),
    epoch: new Table(join(folder, `${epochName}.csv`), "epoch", options),
  };
  const all = [tables.step, tables.epoch];
  return {
    write: (event) => {
      if (event.kind === "step" || event.kind === "epoch") tables[event.kind].add(event);
    },
    sync: () => {
      for (const table of all) table.sync();
    },
    close: () => {
      for (const table of all) table.close();
    },
  };
}

type RowEvent = Event & { readonly scalars: Scalars };

const leading = ["epoch", "step", "time"] as const;

class Table {
  readonly #path: string;
  #file: AppendFile;
  #columns: readonly string[] = [];

  constructor(path: string, kind: "step" | "epoch", { resumeAt, note }: OpenOptions) {
    this.#path = path;
    this.#file = new AppendFile(path, note);
    const lines = readLines(path);
    const { value: header } = lines.next();
    if (header) this.#columns = header.text.split(",").slice(leading.length);
    if (resumeAt === null) return;
    const isRepeated = ({ text }: Line) => {
      const [epoch = 0, step = 0] = text.split(",", 2).map(Number);
      return comesAfter({ kind, epoch, step }, resumeAt);
    };
    this.#file.truncate(endOfLog(lines, { path, isRepeated }) ?? this.#file.size);
  }

  add({ epoch, step, time, scalars }: RowEvent): void {
    this.#widen(Object.keys(scalars));
    const values = this.#columns.map((name) => scalars[name] ?? "");
    this.#file.append(`${[epoch, step, time, ...values].join(",")}\n`);
  }

  sync(): void {
    this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }

  /** New columns change the header: the whole file is written anew, beside the old one. */
  #widen(names: readonly string[]): void {
    const added = names.filter((name) => !this.#columns.includes(name));
    if (added.length === 0 && this.#file.size > 0) return;
    const [, ...rows] = existsSync(this.#path)
      ? readFileSync(this.#path, "utf8").split("\n").slice(0, -1)
      : [];
    const columns = [...this.#columns, ...added];
    const commas = ",".repeat(added.length);
    const lines = [[...leading, ...columns].join(","), ...rows.map((row) => row + commas)];
    try {
      replaceFile(this.#path, `${lines.join("\n")}\n`);
    } catch (cause) {
      throw new EventsWriteError(this.#path, cause);
    }
    this.#file.close();
    this.#file = new AppendFile(this.#path);
    this.#columns = columns;
  }
}
