import type { Clock } from "../../telemetry/index.ts";
import type { Hook } from "../hook.ts";

/**
 * Times steps, epochs and validations: `step_time`, `data_time` (waiting for the batch), `epoch_time`,
 * `val_total_time`, all in seconds; `samples_per_s`; and `eta`, the hours that are left. Beside
 * `data_time`, what went on while other steps ran: `data_read_time` (from a batch's first read to its
 * last), `data_storage_time` and `data_decode_time` (what threads spent on either, summed over them),
 * `data_collate_time`, `data_copy_time` (giving copies to the device), and `data_cached`, the part of
 * the chunks that was decoded already.
 *
 * Times say how fast this machine was today: with `data_cached` they are the only columns that a
 * resumed run does not repeat bit for bit.
 */
export function iterationTimer(clock: Clock): Hook {
  let stepBegan = 0;
  let epochBegan = 0;
  let validationBegan = 0;
  let meanStepMs: number | null = null;
  return {
    name: "iteration_timer",
    priority: "high",
    beforeTrain() {
      epochBegan = clock.now(); // a run that goes on inside an epoch has no beforeEpoch
      stepBegan = epochBegan;
    },
    beforeEpoch() {
      epochBegan = clock.now();
      stepBegan = epochBegan;
    },
    afterStep({ recorder, step, totalSteps, sampleIds, data }) {
      const now = clock.now();
      const ms = Math.max(now - stepBegan, 1e-3);
      stepBegan = now;
      meanStepMs = meanStepMs === null ? ms : 0.95 * meanStepMs + 0.05 * ms;
      const scalars = {
        step_time: ms / 1000,
        data_time: data.waitMs / 1000,
        data_read_time: data.readMs / 1000,
        data_storage_time: data.storageMs / 1000,
        data_decode_time: data.decodeMs / 1000,
        data_collate_time: data.collateMs / 1000,
        data_copy_time: data.copyMs / 1000,
        data_cached: data.chunks === 0 ? 0 : data.cachedChunks / data.chunks,
        samples_per_s: (1000 * sampleIds.length) / ms,
        eta: (meanStepMs * (totalSteps - step)) / 3_600_000,
      };
      recorder.putScalars(scalars, { scope: "step" });
    },
    beforeValidation() {
      validationBegan = clock.now();
    },
    afterValidation({ recorder }) {
      const seconds = (clock.now() - validationBegan) / 1000;
      recorder.putScalar("val_total_time", seconds, { scope: "epoch" });
      stepBegan = clock.now();
    },
    afterEpoch({ recorder }) {
      recorder.putScalar("epoch_time", (clock.now() - epochBegan) / 1000, { scope: "epoch" });
    },
  };
}
