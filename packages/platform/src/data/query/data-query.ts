import {
  type ClauseCount,
  type Database,
  DuckDbDatabase,
  type HypercubeBatch,
  type HypercubeQuery,
} from "../../database/index.ts";
import { Quarantine } from "../check/quarantine.ts";

export interface DataQueryRequest {
  readonly catalogue_path: string;
  readonly server_folder_path?: string | null;
  readonly query: HypercubeQuery;
  readonly quarantine_path?: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** A clause with what it took away, and a sentence when nothing was left by it. */
export interface ExplainedClause extends ClauseCount {
  readonly remark: string | null;
}

/** A question to the catalogue: its rows, and what each clause of it does. */
export class DataQuery implements AsyncDisposable {
  readonly #database: Database;
  readonly #request: DataQueryRequest;

  private constructor(database: Database, request: DataQueryRequest) {
    this.#database = database;
    this.#request = request;
  }

  static async open(request: DataQueryRequest): Promise<DataQuery> {
    return new DataQuery(await DuckDbDatabase.open(request), request);
  }

  /** @param numChannels - whose statistics come with the rows. */
  async *rows(numChannels: number): AsyncGenerator<HypercubeBatch, void, undefined> {
    const { query, quarantine_path, signal } = this.#request;
    const rows = this.#database.hypercubes(query, { channels: numChannels, signal });
    if (!quarantine_path) yield* rows;
    else yield* (await Quarantine.read(quarantine_path)).without(rows);
  }

  /** What each clause leaves, in the order in which they are applied; the quarantine is the last. */
  async explain(): Promise<readonly ExplainedClause[]> {
    const { query, quarantine_path, signal } = this.#request;
    const clauses = [...(await this.#database.explain(query, { signal }))];
    if (quarantine_path) {
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
    const { query, signal } = this.#request;
    const all = removed === 1 ? "the one hypercube" : `all ${removed} hypercubes`;
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
    const { query, signal } = this.#request;
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
