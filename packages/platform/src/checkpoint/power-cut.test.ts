import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openCheckpoints } from "./open-checkpoints.ts";
import { powerCutDisk } from "./power-cut.fixture.ts";
import { CheckpointStore } from "./store.ts";

const keep = { keep_last: 2, keep_every: null };

test("after a power cut at any point of five saves, what was announced is whole, whatever names were lost", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-power-"));
  t.after(() => rm(folder, { recursive: true }));
  const root = join(folder, "live");
  await mkdir(root);
  let [announced, numImages, seed] = [0, 0, 1];
  const pick = (numChanges: number) => {
    seed = (48271 * seed) % 2147483647; // Park and Miller's generator
    return seed % (numChanges + 1);
  };
  const checkImages = async () => {
    for (const which of [() => 0, (numChanges: number) => numChanges, pick, pick]) {
      const image = join(folder, `${numImages}`);
      await disk.afterCut(image, which);
      const { store, checkpoint } = await openCheckpoints({
        folder: image,
        keep,
        note: (text) => assert.fail(`image ${numImages}: ${text}`),
      });
      const step = checkpoint?.step ?? 0;
      assert.ok(step >= announced, `image ${numImages}: ${step}, announced ${announced}`);
      for (const pointer of ["latest", "best"] as const) {
        assert.equal((await store.pointed(pointer)) ?? 0, step, `image ${numImages}: ${pointer}`);
      }
      await rm(image, { recursive: true });
      numImages += 1;
    }
  };
  const disk = powerCutDisk(root, checkImages);
  const store = new CheckpointStore({ folder: root, keep }, disk);
  const tensors = new Map([
    ["weight", { dtype: "uint8" as const, shape: [3], bytes: new Uint8Array(3) }],
  ]);
  for (const [step, state] of [
    [1, "a"],
    [1, "b"],
    [2, "a"],
    [3, "a"],
    [4, "a"],
  ] as const) {
    await store.save({ step, model: tensors, optimizer: tensors, state }, { isBest: true });
    announced = step;
  }
  assert.ok(numImages > 200, `${numImages} images`);
});
