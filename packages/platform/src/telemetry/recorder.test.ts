import assert from "node:assert/strict";
import { test } from "node:test";
import { ScalarNameError } from "./errors.ts";
import type { Event } from "./event.ts";
import { EventRecorder } from "./recorder.ts";

function recorder(logEverySteps = 1) {
  const events: Event[] = [];
  const writer = { write: (event: Event) => void events.push(event), sync() {}, close() {} };
  const clock = { now: () => Date.UTC(2026, 0, 1) };
  return { events, recorder: new EventRecorder({ writers: [writer], clock, logEverySteps }) };
}

test("values of one step become one value, by the reduction that was asked for", () => {
  const { events, recorder: r } = recorder();
  for (const value of [1, 2, 6]) {
    r.putScalar("step_loss", value, { scope: "step" });
    r.putScalar("data_time", value, { scope: "step", reduce: ["median", "max"] });
  }
  const scalars = r.endStep({ epoch: 0, step: 1 });
  assert.deepEqual(scalars, { step_loss: 3, data_time_median: 2, data_time_max: 6 });
  assert.deepEqual(events, [
    { kind: "step", epoch: 0, step: 1, time: "2026-01-01T00:00:00.000Z", scalars },
  ]);
});

test("an epoch's row reduces its steps, and has what was put for the epoch alone", () => {
  const { recorder: r } = recorder();
  for (const [i, loss] of [4, 2].entries()) {
    r.putScalar("step_loss", loss, { scope: "step" });
    r.endStep({ epoch: 0, step: i + 1 });
  }
  r.putScalars({ step_loss: 7 }, { scope: "epoch", prefix: "val_" });
  assert.deepEqual(r.endEpoch({ epoch: 0, step: 2 }), { step_loss: 3, val_step_loss: 7 });
  assert.equal(r.latest("val_step_loss"), 7);
  r.putScalar("step_loss", 9, { scope: "step" });
  r.endStep({ epoch: 1, step: 3 });
  assert.deepEqual(r.endEpoch({ epoch: 1, step: 3 }), { step_loss: 9 });
});

test("rows are thinned by log_every_steps, and the epoch still sees every step", () => {
  const { events, recorder: r } = recorder(2);
  for (const step of [1, 2, 3, 4]) {
    r.putScalar("step_loss", step, { scope: "step" });
    r.endStep({ epoch: 0, step });
  }
  assert.deepEqual(
    events.map(({ step }) => step),
    [2, 4],
  );
  assert.deepEqual(r.endEpoch({ epoch: 0, step: 4 }), { step_loss: 2.5 });
});

test("a recorder that goes on from a saved state ends the epoch with the same row", () => {
  const put = (r: EventRecorder, step: number) => {
    r.putScalar("loss", step === 2 ? Number.NaN : step, { scope: "step", reduce: "median" });
    r.putScalar("time", step, { scope: "step", reduce: ["sum", "mean"] });
    r.endStep({ epoch: 0, step });
  };
  const whole = recorder().recorder;
  for (const step of [1, 2, 3]) put(whole, step);
  const before = recorder().recorder;
  for (const step of [1, 2]) put(before, step);
  const after = recorder().recorder;
  after.loadState(JSON.parse(JSON.stringify(before.saveState())));
  put(after, 3);
  const end = { epoch: 0, step: 3 };
  assert.deepEqual(after.endEpoch(end), whole.endEpoch(end));
});

for (const name of ["", "2x", "a,b", "a b", "data_time_max", "loss\n"]) {
  test(`the scalar name ${JSON.stringify(name)} is refused`, () => {
    assert.throws(() => recorder().recorder.putScalar(name, 1, { scope: "step" }), ScalarNameError);
  });
}
