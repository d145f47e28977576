import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProcessPlace, sightOf, thisPlace } from "./process-place.ts";

const machine: ProcessPlace = {
  host: "node",
  bootId: "boot-1",
  pidNamespace: "pid:[4026531836]",
  machineId: "machine-1",
};
const container = { ...machine, pidNamespace: "pid:[4026532001]", machineId: null };
const unknown = { bootId: null, pidNamespace: null, machineId: null };

for (const [what, there, here, sight] of [
  ["the same place", machine, machine, "visible"],
  ["the same container", container, container, "visible"],
  ["a lock of before places were written down", { ...machine, ...unknown }, machine, "visible"],
  ["another host", { ...machine, host: "other" }, machine, "unknown"],
  [
    "two containers with one host name on one machine",
    container,
    { ...container, pidNamespace: "pid:[4026532999]" },
    "unknown",
  ],
  [
    "two containers with one host name on two machines",
    container,
    { ...container, bootId: "boot-2" },
    "unknown",
  ],
  ["a machine that was started again", machine, { ...machine, bootId: "boot-2" }, "ended"],
  [
    "two machines with one host name",
    machine,
    { ...machine, bootId: "boot-2", machineId: "machine-2" },
    "unknown",
  ],
  [
    "virtual machines that have no id of their own",
    { ...machine, machineId: null },
    { ...machine, machineId: null, bootId: "boot-2" },
    "unknown",
  ],
] as const) {
  test(`of ${what}, a process is ${sight}`, () => assert.equal(sightOf(there, here), sight));
}

test("a process sees itself", async () => {
  assert.equal(sightOf(await thisPlace(), await thisPlace()), "visible");
});
