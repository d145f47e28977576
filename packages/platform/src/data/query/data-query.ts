import type { DatabasesConfig } from "../../config/index.ts";
import {
  type ClauseCount,
  type Database,
  DuckDbDatabase,
  type HypercubeBatch,
  type HypercubeQuery,
} from "../../database/index.ts";
import { Quarantine } from "../../images/index.ts";
import { type AskOptions, askedHypercubes, type WantedHypercubes } from "../find-hypercubes.ts";

/** A clause with what it took away, and a sentence when nothing was left by it. */
export interface ExplainedClause extends ClauseCount {
  readonly remark: string | null;
}

interface Surroundings {
  readonly quarantine_path?: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** A question to the catalogue: its rows, and what each clause of it does. */
export class DataQuery implements AsyncDisposable {
  /** What is asked, by the keys of the config. */
  readonly query: HypercubeQuery;
  readonly #database: Database;
  readonly #quarantinePath: string | null;
  readonly #signal: AbortSignal | undefined;

  private constructor(
    database: Database,
    query: HypercubeQuery,
    { signal, quarantine_path = null }: Surroundings,
  ) {
    this.query = query;
    this.#database = database;
    this.#quarantinePath = quarantine_path;
    this.#signal = signal;
  }

  /** Asks a catalogue in a file. */
  static async ofCatalogue(
    catalogue_path: string,
    query: HypercubeQuery,
    surroundings: Surroundings = {},
  ): Promise<DataQuery> {
    const database = await DuckDbDatabase.open({ catalogue_path }, surroundings);
    return new DataQuery(database, query, surroundings);
  }

  /** Asks what a run asks. */
  static async ofRun(
    databases: DatabasesConfig,
    wanted: WantedHypercubes,
    options: AskOptions = {},
  ): Promise<DataQuery> {
    const { database, query } = await askedHypercubes(databases, wanted, options);
    return new DataQuery(database, query, { ...databases, signal: options.signal });
  }

  /** Names the database in messages: a file, or a server without its password. */
  get place(): string {
    return this.#database.place;
  }

  /** @param numChannels - whose statistics come with the rows. */
  async *rows(numChannels: number): AsyncGenerator<HypercubeBatch, void, undefined> {
    const options = { channels: numChannels, signal: this.#signal };
    const rows = this.#database.hypercubes(this.query, options);
    if (this.#quarantinePath === null) yield* rows;
    else yield* (await Quarantine.read(this.#quarantinePath)).without(rows);
  }

  /** What each clause leaves, in the order in which they are applied; the quarantine is the last. */
  async explain(): Promise<readonly ExplainedClause[]> {
    const clauses = [...(await this.#database.explain(this.query, { signal: this.#signal }))];
    if (this.#quarantinePath !== null) {
      const before = clauses.at(-1)?.remaining ?? 0;
      let remaining = 0;
      for await (const { numRows } of this.rows(0)) remaining += numRows;
      clauses.push({ clause: "quarantine_path", removed: before - remaining, remaining });
    }
    const last = clauses.find(({ removed, remaining }) => removed > 0 && remaining === 0);
    return await Promise.all(
      clauses.map(async (clause) => ({
        ...clause,
        remark: clause === last ? await this.#whyNothing(clause) : null,
      })),
    );
  }

  async #whyNothing({ clause, removed }: ClauseCount): Promise<string> {
    const [query, signal] = [this.query, this.#signal];
    const what = query.with_hypercubes_dataframe === false ? "tile" : "hypercube";
    const all = removed === 1 ? `the one ${what}` : `all ${removed} ${what}s`;
    const begin = `${clause} removes ${all} that were left`;
    switch (clause) {
      case "cube_shape": {
        const shapes = await this.#database.cubeShapes({ signal });
        const found = shapes.map(({ shape, count }) => `${shape.join(" x ")} (${count})`);
        return `${begin}: the catalogue has ${found.join(", ")}, T Z Y X; a run lays a grid over the images instead, when no filter needs occupancy or percentiles`;
      }
      case "occupancy_threshold":
      case "cdf_threshold": {
        const most = await this.#largest(clause);
        return `${begin}: the largest value is ${Number(most.toPrecision(4))}, the least that was asked for ${query[clause]}`;
      }
      case "roi_list":
      case "tile_list": {
        const asked = query[clause] ?? [];
        return `${begin}: none is of ${asked.slice(0, 3).join(", ")}; \`cello data list\` prints the names`;
      }
      case "has_annotations":
        return `${begin}: none has labels; \`cello data import --labels\` brings them`;
      case "num_channels":
      case "min_channels":
        return `${begin}: the images have another number of channels than ${query[clause]}`;
      default:
        return begin;
    }
  }

  /** The largest value that a threshold is compared with, of the rows that every other clause leaves. */
  async #largest(clause: "occupancy_threshold" | "cdf_threshold"): Promise<number> {
    const [query, signal] = [this.query, this.#signal];
    const { max_rois: _, max_tiles: __, max_hypercubes: ___, ...others } = query;
    const column =
      clause === "occupancy_threshold" ? "min_occupancy_ratios" : `cdf_${query.cdf_target ?? 90}`;
    const filter =
      (clause === "occupancy_threshold"
        ? query.occupancy_threshold_filter_type
        : query.cdf_threshold_filter_type) ?? "min_ch0";
    const channels = { min_ch0: [0], min_ch1: [1], min_all: [0, 1] }[filter];
    const rest: HypercubeQuery = { ...others, occupancy_threshold: null, cdf_threshold: null };
    let most = Number.NEGATIVE_INFINITY;
    for await (const batch of this.#database.hypercubes(rest, { channels: 2, signal })) {
      for (let row = 0; row < batch.numRows; row++) {
        const values = channels
          .map((c) => batch.statistics[`${column}_ch_${c}`]?.[row] ?? Number.NaN)
          .filter((value) => !Number.isNaN(value));
        if (values.length > 0) most = Math.max(most, Math.min(...values));
      }
    }
    return most;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }
}
