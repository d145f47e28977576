import type { Clock } from "../../telemetry/index.ts";
import type { Hook } from "../hook.ts";
import { noData, type StepData } from "../step-data.ts";

/** Settings of the loader that the advice is about, and what the machine has. */
export interface LoaderSettings {
  readonly read_ahead: number;
  readonly num_slots: number;
  readonly num_threads: number | null;
  readonly cache_bytes: number;
  readonly locality: number | null;
  readonly numCores: number;
  readonly numThreads: number;
}

/** What so many steps took. */
export interface DataWindow {
  readonly numSteps: number;
  readonly stepMs: number;
  readonly data: Readonly<StepData>;
}

/** Part of the time that steps may wait for data before it is worth a word. */
const worthTelling = 0.1;
const windowSteps = 50;
/** The most that `datasets.loader` takes for both, less the step's batch and the next one. */
const mostAhead = 254;

/** Says once which setting to change, when steps wait for their data for long. */
export function dataAdviser({
  config,
  clock,
  say,
}: {
  readonly config: LoaderSettings;
  readonly clock: Clock;
  say(line: string): void;
}): Hook {
  let began = clock.now();
  let numSteps = 0;
  let sum = noData();
  let hasTold = false;
  const restart = () => {
    [began, numSteps, sum] = [clock.now(), 0, noData()];
  };
  return {
    name: "data_adviser",
    priority: "very-low",
    beforeTrain: restart,
    beforeEpoch: restart,
    afterStep({ data }) {
      numSteps += 1;
      for (const name of Object.keys(sum) as (keyof StepData)[]) sum[name] += data[name];
      if (hasTold || numSteps < windowSteps) return;
      const advice = dataAdvice({ numSteps, stepMs: clock.now() - began, data: sum }, config);
      restart();
      if (advice === null) return;
      say(advice);
      hasTold = true;
    },
    afterValidation: restart,
  };
}

/** One sentence for a run that waits for its data; null for one that does not. */
export function dataAdvice(window: DataWindow, config: LoaderSettings): string | null {
  const { stepMs, data } = window;
  const share = data.waitMs / Math.max(stepMs, 1);
  if (share < worthTelling) return null;
  const percent = Math.round(100 * share);
  return `steps wait for their data ${percent} % of the time: ${settingToChange(window, config)}`;
}

function settingToChange(
  { numSteps, stepMs, data }: DataWindow,
  { read_ahead, num_slots, numThreads, numCores, cache_bytes, locality }: LoaderSettings,
): string {
  const cached = data.chunks === 0 ? 0 : data.cachedChunks / data.chunks;
  if (data.retries > 0) {
    return `storage failed for a moment ${data.retries} times and was asked again; look at its log, or copy the data to another disk`;
  }
  if (data.collateMs + data.copyMs > data.waitMs / 2) {
    const each = (ms: number) => `${Math.round(ms / numSteps)} ms`;
    return data.collateMs > data.copyMs
      ? `what is in the labels is looked for on the thread that runs the steps, ${each(data.collateMs)} a step; train on smaller samples, or without labels where the task needs none`
      : `copies to the device hold up the steps, ${each(data.copyMs)} each, as where memory is not page-locked; raise the limit of locked memory (ulimit -l)`;
  }
  if (numThreads < numCores) {
    return `set datasets.loader.num_threads=null, for ${numCores} threads that decode in place of ${numThreads}`;
  }
  if (data.readMs < (read_ahead + 1) * stepMs && read_ahead < mostAhead) {
    const more = Math.min(mostAhead, 2 * read_ahead + 1);
    const slots = Math.max(num_slots, more + 2); // beside those ahead: the step's, and the next one
    return `set datasets.loader.read_ahead=${more} datasets.loader.num_slots=${slots}, as some batches take longer to read than others`;
  }
  if (locality === null && cached < 0.5 && cache_bytes > 0) {
    return "set datasets.loader.locality=512 for the next run, which this one cannot change to: samples that share chunks are then read after each other";
  }
  const work = data.storageMs + data.decodeMs;
  const percent = Math.round((100 * data.decodeMs) / Math.max(work, 1e-9));
  return percent < 50 && work > 0
    ? `storage is slower than the step (${100 - percent} % of the work of reading); copy the data to a faster disk`
    : `decoding is slower than the step (${percent} % of the work of reading); import the data again with chunks no larger than a sample, or with the codec blosc-lz4`;
}
