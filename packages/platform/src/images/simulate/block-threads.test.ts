import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockThreads } from "./block-threads.ts";
import { MovieConfig } from "./movie-config.ts";

const block = { t: 0, zStart: 0, yStart: 0, xStart: 0, depth: 1, height: 8, width: 8 };
const task = {
  cells: new Float64Array(new SharedArrayBuffer(0)),
  block,
  image: new Uint16Array(new SharedArrayBuffer(128)),
  labels: new Uint32Array(new SharedArrayBuffer(256)),
};

test("a thread that dies fails the renders that wait for it, and those that come after", async () => {
  const config = { ...MovieConfig.parse({}), seed: -1 }; // the thread refuses it, and ends
  await using threads = new BlockThreads(config, 1);
  const wanted = {
    code: "DATA_SIMULATION",
    message: /a thread that renders blocks ended/,
  };
  const renders = [threads.render(task), threads.render(task)];
  await Promise.all(renders.map((render) => assert.rejects(render, wanted)));
  await assert.rejects(threads.render(task), wanted);
});

test("a block that cannot be rendered is named, and its thread goes on", async () => {
  await using threads = new BlockThreads(MovieConfig.parse({}), 1);
  const crooked = { ...task, block: { ...block, yStart: 3 } };
  await assert.rejects(threads.render(crooked), {
    code: "DATA_SIMULATION",
    message: /frame 0, block at z 0, y 3, x 0 could not be rendered/,
  });
  await threads.render(task);
});
