import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { HypercubeSource } from "../../source/hypercube-source.ts";
import { newVoxels } from "../../voxels.ts";
import { writeTile } from "../tiles.fixture.ts";
import { cpusOf, nodeOfGpu, readNumaNodes } from "./numa-nodes.ts";
import { pinLoaderThreads } from "./pin-threads.ts";
import { planNuma } from "./plan-numa.ts";

/** A tree of files, as the kernel has one under /sys. */
function system(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "cello-sys-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  }
  return folder;
}

const twoSockets = {
  "node0/cpulist": "0-3,8-11",
  "node0/distance": "10 21 31",
  "node1/cpulist": "4-7,12-15",
  "node1/distance": "21 10 31",
  "node2/cpulist": "", // memory alone
  "node2/distance": "31 31 10",
};

test("nodes, and the node of the GPU that a run sees, are read from the kernel", () => {
  const nodes = system(twoSockets);
  assert.deepEqual(readNumaNodes(nodes)[0], {
    id: 0,
    cpus: [0, 1, 2, 3, 8, 9, 10, 11],
    distances: [10, 21, 31],
  });
  assert.deepEqual(readNumaNodes(join(nodes, "none")), []);
  const gpu = { vendor: "0x10de", class: "0x030200" };
  const devices = system({
    "0000:17:00.0/vendor": gpu.vendor,
    "0000:17:00.0/class": gpu.class,
    "0000:17:00.0/numa_node": "0",
    "0000:05:00.0/vendor": "0x8086",
    "0000:05:00.0/class": "0x020000",
    "0000:05:00.0/numa_node": "0",
    "0000:b1:00.0/vendor": gpu.vendor,
    "0000:b1:00.0/class": gpu.class,
    "0000:b1:00.0/numa_node": "1",
  });
  assert.equal(nodeOfGpu({}, devices), 0);
  assert.equal(nodeOfGpu({ CUDA_VISIBLE_DEVICES: "1,0" }, devices), 1);
  assert.equal(nodeOfGpu({ CUDA_VISIBLE_DEVICES: "GPU-8f6a" }, devices), null);
  for (const none of ["", "-1", " ", "7"]) {
    assert.equal(nodeOfGpu({ CUDA_VISIBLE_DEVICES: none }, devices), null);
  }
  assert.equal(nodeOfGpu({}, nodes), null);
  writeFileSync(join(devices, "0000:17:00.0", "device"), "0x20b0\n");
  writeFileSync(join(devices, "0000:b1:00.0", "device"), "0x2330\n");
  assert.equal(nodeOfGpu({}, devices), null); // the faster one is the first
  assert.equal(nodeOfGpu({ CUDA_DEVICE_ORDER: "PCI_BUS_ID" }, devices), 0);
  for (const folder of [nodes, devices]) rmSync(folder, { recursive: true });
});

test("threads stay on the node of the device, and spill over to the nearest", () => {
  const nodes = [
    { id: 0, cpus: [0, 1], distances: [10, 20, 12] },
    { id: 1, cpus: [2, 3], distances: [20, 10, 20] },
    { id: 2, cpus: [4, 5], distances: [12, 20, 10] },
  ];
  assert.deepEqual(planNuma(nodes, { near: 0, numThreads: 2 }), [0, 1]);
  assert.deepEqual(planNuma(nodes, { near: 0, numThreads: 3 }), [0, 1, 4, 5]);
  assert.deepEqual(planNuma(nodes, { near: 0, numThreads: 64 }), [0, 1, 2, 3, 4, 5]);
  assert.equal(planNuma(nodes, { near: null, numThreads: 2 }), null);
  assert.equal(planNuma(nodes.slice(0, 1), { near: 0, numThreads: 2 }), null);
});

test("threads that decode are kept on the processors that are said, the others are not", async () => {
  const tile = await writeTile();
  const config = { channels: null, numChannels: 1, missingChunks: "fill" } as const;
  const source = new HypercubeSource({ ...config, cubeShape: [1, 4, 4, 4] });
  const [record] = tile.records;
  assert.ok(record);
  await source.read({ index: 0, record, origin: [0, 0, 0, 0] }, newVoxels("uint16", 64));
  await tile.remove();
  const allowed = (id: string) => {
    const status = readFileSync(`/proc/self/task/${id}/status`, "utf8");
    return cpusOf(/Cpus_allowed_list:\s*(\S+)/.exec(status)?.[1] ?? "");
  };
  const main = allowed(String(process.pid));
  const [cpu = 0] = main;
  const pinned = await pinLoaderThreads([cpu]);
  assert.ok(pinned > 0);
  const ofPool = readdirSync("/proc/self/task").filter(
    (id) => readFileSync(`/proc/self/task/${id}/comm`, "utf8") === "cello-zarr\n",
  );
  assert.equal(ofPool.length, pinned);
  for (const id of ofPool) assert.deepEqual(allowed(id), [cpu]);
  assert.deepEqual(allowed(String(process.pid)), main);
});
