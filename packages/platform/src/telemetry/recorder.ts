import type { Clock } from "./clock.ts";
import { ScalarNameError } from "./errors.ts";
import type { Event, Scalars } from "./event.ts";
import { type Reduction, reduce } from "./reduction.ts";
import type { EventWriter } from "./writer.ts";

export interface PutOptions {
  /** "step": part of this step's row, and then of the epoch's; "epoch": of the epoch's row only. */
  readonly scope: "step" | "epoch";
  /** How several values of one row become one, and the steps of an epoch; `mean` unless told. */
  readonly reduce?: Reduction | readonly Reduction[];
}

/** An event but for its time, which the recorder adds. */
export type UntimedEvent = Event extends infer E
  ? E extends Event
    ? Omit<E, "time">
    : never
  : never;

/** Plain data, so that a run that is continued inside an epoch ends it with the same row. */
export interface RecorderState {
  readonly epoch: readonly {
    readonly name: string;
    readonly reduction: Reduction;
    /** Those that JSON cannot hold as text. */
    readonly values: readonly (number | string)[];
  }[];
}

interface Series {
  readonly name: string;
  readonly reduction: Reduction;
  readonly values: number[];
}

interface Parts {
  readonly writers: readonly EventWriter[];
  readonly clock: Clock;
  /** Steps between step rows; the epoch's row sees every step all the same. */
  readonly logEverySteps?: number;
}

/**
 * The centre of a run's metrics: values are put in, and at the end of a step or an epoch they
 * become a row, which goes to every writer.
 *
 * A value is written under its name, when it is reduced by `mean`, and else under name and
 * reduction: `step_loss`, `data_time_max`. A step row has one value a name, reduced over all that
 * was put in the step; an epoch row reduces what the steps had.
 *
 * Source: the `EventRecorder` of the reference platform (its README, "Logging"); there every name
 * carries its reduction.
 */
export class EventRecorder {
  #writers: readonly EventWriter[];
  readonly #clock: Clock;
  readonly #logEverySteps: number;
  readonly #step = new Map<string, Series>();
  readonly #epoch = new Map<string, Series>();
  readonly #latest = new Map<string, number>();

  constructor({ writers, clock, logEverySteps = 1 }: Parts) {
    this.#writers = writers;
    this.#clock = clock;
    this.#logEverySteps = logEverySteps;
  }

  /** Adds writers: those of a run that goes on are opened once its checkpoint was accepted. */
  addWriters(writers: readonly EventWriter[]): void {
    this.#writers = [...this.#writers, ...writers];
  }

  /** @throws {@link ScalarNameError} for a name that no column could have. */
  putScalar(name: string, value: number, { scope, reduce: how = "mean" }: PutOptions): void {
    if (!scalarName.test(name)) throw new ScalarNameError(name);
    const target = scope === "step" ? this.#step : this.#epoch;
    for (const reduction of typeof how === "string" ? [how] : how) {
      append(target, { name, reduction }, value);
    }
  }

  putScalars(values: Scalars, { prefix = "", ...options }: PutOptions & { prefix?: string }): void {
    for (const [name, value] of Object.entries(values)) {
      this.putScalar(`${prefix}${name}`, value, options);
    }
  }

  /** Ends step number `step` (the steps that are done by now), and returns its values. */
  endStep({ epoch, step }: { readonly epoch: number; readonly step: number }): Scalars {
    const scalars = this.#close(this.#step, (series, value) => append(this.#epoch, series, value));
    if (step % this.#logEverySteps === 0) this.emit({ kind: "step", epoch, step, scalars });
    return scalars;
  }

  /** Ends an epoch after `step` steps in all, and returns its values. */
  endEpoch({ epoch, step }: { readonly epoch: number; readonly step: number }): Scalars {
    const scalars = this.#close(this.#epoch, () => {});
    this.emit({ kind: "epoch", epoch, step, scalars });
    return scalars;
  }

  /** The newest value in a row, by the name that is written; undefined before its first row. */
  latest(key: string): number | undefined {
    return this.#latest.get(key);
  }

  /** Hands an event to every writer, at once; on return each has handed it to the system. */
  emit(event: UntimedEvent): void {
    const timed = { ...event, time: new Date(this.#clock.now()).toISOString() } as Event;
    for (const writer of this.#writers) writer.write(timed);
  }

  /** Waits for the disk: what was emitted before survives a power cut. Call it before a save. */
  sync(): void {
    for (const writer of this.#writers) writer.sync();
  }

  close(): void {
    for (const writer of this.#writers) writer.close();
  }

  saveState(): RecorderState {
    const epoch = [...this.#epoch.values()].map(({ name, reduction, values }) => ({
      name,
      reduction,
      values: values.map((value) => (Number.isFinite(value) ? value : String(value))),
    }));
    return { epoch };
  }

  loadState(state: RecorderState): void {
    this.#step.clear();
    this.#epoch.clear();
    for (const { values, ...series } of state.epoch) {
      for (const value of values) append(this.#epoch, series, Number(value));
    }
  }

  #close(rows: Map<string, Series>, each: (series: Series, value: number) => void): Scalars {
    const scalars: Record<string, number> = {};
    for (const [key, series] of rows) {
      const value = reduce(series.reduction, series.values);
      scalars[key] = value;
      this.#latest.set(key, value);
      each(series, value);
    }
    rows.clear();
    return scalars;
  }
}

/** A name can stand in a CSV header as it is, and never looks like one that was reduced. */
const scalarName = /^[A-Za-z][A-Za-z0-9_./-]*$(?<!_(?:median|sum|min|max))/;

function append(
  rows: Map<string, Series>,
  { name, reduction }: Pick<Series, "name" | "reduction">,
  value: number,
): void {
  const key = reduction === "mean" ? name : `${name}_${reduction}`;
  const series = rows.get(key) ?? { name, reduction, values: [] };
  series.values.push(value);
  rows.set(key, series);
}
