import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stepsToRemove } from "./keep-policy.ts";

test("the newest, the best and the milestones stay, the others go", () => {
  const steps = [10, 20, 30, 40, 50, 60];
  assert.deepEqual(stepsToRemove(steps, 20, { keep_last: 2, keep_every: 40 }), [10, 30]);
  assert.deepEqual(stepsToRemove(steps, null, { keep_last: 3, keep_every: null }), [10, 20, 30]);
});

test("two checkpoints stay whatever the policy asks for, the newest and the best among those kept", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 20 }),
      fc.nat(5),
      fc.option(fc.integer({ min: 1, max: 50 })),
      (steps, keep_last, keep_every) => {
        const best = steps[0] ?? null;
        const gone = new Set(stepsToRemove(steps, best, { keep_last, keep_every }));
        const kept = steps.filter((step) => !gone.has(step));
        assert.ok(kept.length >= Math.min(2, steps.length));
        assert.ok(kept.includes(Math.max(...steps)));
        assert.ok(best !== null && kept.includes(best));
      },
    ),
  );
});
