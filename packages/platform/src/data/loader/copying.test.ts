import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import {
  CopyStream,
  cudaDeviceCount,
  type Device,
  liveTensors,
  scope,
} from "@cell-observatory/engine";
import type { Batch } from "../batch.ts";
import { noCounts } from "../source/counts.ts";
import type { SampleSource } from "../source/hypercube-source.ts";
import { Dataloader } from "./dataloader.ts";
import type { DataloaderConfig } from "./dataloader-config.ts";
import type { CopyLane } from "./device-buffer.ts";
import { HostMemoryBuffer } from "./host-memory-buffer.ts";
import { countsOf, imageOf, labelsOf } from "./on-device.ts";
import { PretendedDevice } from "./pretended-device.fixture.ts";
import { trainingSampler } from "./sampler.ts";
import { everyRow, type TileFixture, writeTile } from "./tiles.fixture.ts";

let tile: TileFixture;
before(async () => {
  tile = await writeTile({ shape: [4, 4, 16, 16, 1] });
});
after(() => tile.remove());

/** Samples of which every voxel, and label, is their place in the epoch. */
const numbered: SampleSource = {
  shape: [1, 4, 4, 4, 1],
  dtype: "uint16",
  hasLabels: true,
  expect: async () => [],
  read: async ({ index }, target, { labels } = {}) => {
    target.fill(index);
    labels?.fill(index);
    const whole = { validSize: [1, 4, 4, 4], validChannels: 1, unread: [] } as const;
    return { ...noCounts, ...whole, chunks: 1, classOf: () => 0 };
  },
};

/** 16 batches of 4 samples. */
function newLoader(
  copyTo: CopyLane,
  given: Partial<DataloaderConfig> = {},
  source = numbered,
): Dataloader {
  const order = { seed: 1, shuffle: false, crop: "grid", samplesPerEpoch: null } as const;
  const sampler = trainingSampler(tile.table, everyRow(tile.table), order);
  const settings = { batchSize: 4, lastBatch: "drop", num_slots: 3, read_ahead: 2 } as const;
  const policy = { timeout_s: 3600, read_failure_policy: "raise", max_skipped: 1 } as const;
  return new Dataloader({ ...settings, ...policy, copyTo, ...given }, source, sampler);
}

const wantedOf = ({ samples }: Pick<Batch, "samples">) =>
  samples.flatMap((index) => Array<number>(64).fill(index));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

const hasCuda = cudaDeviceCount() > 0;
const devices: readonly Device[] = ["cpu", ...(hasCuda ? (["cuda:0"] as const) : [])];
for (const device of devices) {
  test(`batches that are copied to ${device} are those that were read, with their labels`, async () => {
    const before = liveTensors();
    const lines: string[] = [];
    const loader = newLoader(new CopyStream(device), { say: (line) => lines.push(line) });
    let number = 0;
    for await (const batch of loader.epoch(0)) {
      assert.equal(batch.number, number++);
      assert.deepEqual([...countsOf(batch)], wantedOf(batch));
      scope(() => {
        const image = imageOf(batch, device);
        assert.equal(imageOf(batch, device), image); // who prepares a batch twice copies it once
        assert.deepEqual([image.device, image.dtype, image.shape], [device, "uint16", batch.shape]);
        assert.deepEqual([...(labelsOf(batch, device)?.data() ?? [])], wantedOf(batch));
      });
      assert.ok(batch.report.copyMs > 0);
    }
    assert.equal(number, 16);
    assert.equal(loader.numFreeSlots, 3);
    assert.equal(liveTensors(), before);
    const isTold = device === "cpu" ? 0 : 1;
    assert.equal(
      lines.filter((line) => /page-locked: copies to cuda:0 go on/.test(line)).length,
      isTold,
    );
  });
}

test("the next batch is on its way before a step's results are asked for, and no copy overtakes a use", async () => {
  const device = new PretendedDevice();
  const { log } = device;
  for await (const batch of newLoader(device).epoch(0)) {
    const { number } = batch;
    log.push(`step ${number}`);
    device.work(); // who asks for results waits for the device
    assert.deepEqual([...countsOf(batch)], wantedOf(batch));
    await turn();
  }
  const steps = log.flatMap((line, i) => (line.startsWith("step") ? [i] : []));
  const copies = log.flatMap((line, i) => (/^copy \d+ after/.test(line) ? [i] : []));
  assert.deepEqual([steps.length, copies.length], [16, 16]);
  for (let n = 0; n < 16; n++) {
    const [copy = -1, step = -1] = [copies[n], steps[n]];
    const [, copied, after] = /^copy (\d+) after (\d+)$/.exec(log[copy] ?? "") ?? [];
    const since = log.slice(copy, step);
    assert.ok(since.includes(`wait ${copied}`), `step ${n} does not wait for its copy`);
    // The memory was last used by the step before the last, which is over.
    const used = log.lastIndexOf(`used ${after}`, copy);
    assert.ok(used >= 0 && used > (steps[n - 2] ?? -1), `copy ${n} may overtake a use`);
    if (n >= 2) assert.ok(copy < (steps[n - 1] ?? -1), `copy ${n} begins after step ${n - 1}`);
  }
});

test("a slot of the host is another's only when the device has read it", async () => {
  const device = new PretendedDevice();
  const loader = newLoader(device, { read_ahead: 0 });
  const batches = loader.epoch(0);
  const first = await batches.next();
  await until(() => numCopies(device) === 2); // both slots of the device are taken
  await turn();
  assert.deepEqual([loader.numFreeSlots, numCopies(device)], [0, 2]);
  device.work();
  await until(() => loader.numFreeSlots > 0);
  assert.deepEqual([...countsOf(first.value as Batch)], wantedOf(first.value as Batch));
  assert.equal(numCopies(device), 2); // there is room again when the step is done
  await batches.next();
  await until(() => numCopies(device) === 3);
  device.work();
  await batches.return();
  assert.equal(loader.numFreeSlots, 3);
});

test("a loop that is left half-way waits for what the device still reads", async () => {
  const tensors = liveTensors();
  const device = new PretendedDevice();
  const loader = newLoader(device);
  const batches = loader.epoch(0);
  await batches.next();
  await until(() => numCopies(device) === 2);
  let isOver = false;
  const left = batches.return().then(() => {
    isOver = true;
  });
  for (let i = 0; i < 20; i++) await turn();
  assert.deepEqual([isOver, loader.numFreeSlots < 3], [false, true]);
  device.work();
  await left;
  assert.equal(loader.numFreeSlots, 3);
  assert.equal(liveTensors(), tensors);
});

test("a device that never ends its copies does not keep a loop that is left", async () => {
  const device = new PretendedDevice();
  const loader = newLoader(device, { leave_s: 0.01 });
  const batches = loader.epoch(0);
  await batches.next();
  await batches.return();
  assert.ok(loader.numFreeSlots < 3);
  device.work();
  await until(() => loader.numFreeSlots === 3);
});

test("any number of places on the device brings the same batches", async () => {
  for (const [device_slots, num_slots, read_ahead] of [
    [1, 1, 0],
    [1, 4, 3],
    [3, 2, 1],
    [8, 8, 7],
  ] as const) {
    const loader = newLoader(new CopyStream("cpu"), { device_slots, num_slots, read_ahead });
    let number = 0;
    for await (const batch of loader.epoch(0)) {
      assert.equal(batch.number, number++);
      assert.deepEqual([...countsOf(batch)], wantedOf(batch));
    }
    assert.deepEqual([number, loader.numFreeSlots], [16, num_slots]);
  }
});

test("what cannot be read is an error in its turn, behind the batches that were copied", async () => {
  const read: SampleSource["read"] = async (sample, ...rest) => {
    if (sample.index === 9) throw new Error("sample 9");
    return await numbered.read(sample, ...rest);
  };
  const loader = newLoader(new CopyStream("cpu"), {}, { ...numbered, read });
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const { number } of loader.epoch(0)) seen.push(number);
  }, /^Error: sample 9$/);
  assert.deepEqual(seen, [0, 1]);
  assert.equal(loader.numFreeSlots, 3);
});

for (const [what, failsAt] of [
  ["voxels", 5],
  ["labels", 6],
] as const) {
  test(`a copy of ${what} that cannot be made is an error in its turn, and leaves no slot taken`, async () => {
    const tensors = liveTensors();
    const stream = new CopyStream("cpu");
    let numCalls = 0;
    const device: CopyLane = {
      device: "cpu",
      newEvent: () => stream.newEvent(),
      copy: (target, source, order) => {
        if (++numCalls === failsAt) throw new Error("the device is lost");
        stream.copy(target, source, order as Parameters<CopyStream["copy"]>[2]);
      },
    };
    const loader = newLoader(device);
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const { number } of loader.epoch(0)) seen.push(number);
    }, /^Error: the device is lost$/);
    assert.deepEqual([seen, loader.numFreeSlots], [[0, 1], 3]);
    assert.equal(liveTensors(), tensors);
  });
}

test("a device that fails as it is asked for its copies ends the loop with what it says", async () => {
  const stream = new CopyStream("cpu");
  let isLost = false;
  const device: CopyLane = {
    device: "cpu",
    newEvent: () => {
      const event = stream.newEvent();
      return {
        handle: event.handle,
        record: () => event.record(),
        precede: () => event.precede(),
        get isPassed(): boolean {
          if (isLost) throw new Error("the device is lost");
          return false;
        },
      };
    },
    copy: (target, source, order) =>
      stream.copy(target, source, order as Parameters<CopyStream["copy"]>[2]),
  };
  const batches = newLoader(device, { leave_s: 0.01 }).epoch(0);
  await batches.next();
  isLost = true;
  const rest = async () => {
    for await (const _ of batches);
  };
  await assert.rejects(rest(), /^Error: the device is lost$/);
});

test("the host's memory of a batch that was copied cannot be read by mistake", async () => {
  for await (const batch of newLoader(new CopyStream("cpu")).epoch(0)) {
    assert.throws(() => batch.voxels, /was copied to a device: read batch\.onDevice/);
    assert.throws(() => batch.labelMap, /was copied to a device/);
    break;
  }
});

test("whether a device can read the host's memory by itself is said", { skip: hasCuda }, () => {
  const plain = new HostMemoryBuffer({ numSlots: 2, slotVoxels: 2 ** 20, locksPages: true });
  assert.match(
    plain.noteFor("cuda:0"),
    /^batches wait in 0\.00 GiB of host memory, which is not page-locked \(.*CUDA.*\): copies to cuda:0 hold up/,
  );
});

function numCopies({ log }: PretendedDevice): number {
  return log.filter((line) => /^copy \d+ after/.test(line)).length;
}
