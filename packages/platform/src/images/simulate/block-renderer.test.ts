import assert from "node:assert/strict";
import { test } from "node:test";
import type { Block } from "./block-planes.ts";
import { BlockRenderer } from "./block-renderer.ts";
import { packCells } from "./cell.ts";
import { MovieConfig } from "./movie-config.ts";
import { populate } from "./population.ts";
import { createPsf } from "./psf.ts";

const config = MovieConfig.parse({ shape: [3, 20, 56, 72, 1], seed: 11 });
const frames = [...populate(config)].map(packCells);

function render(given: Partial<Block> & { readonly t: number }) {
  const block = { zStart: 0, yStart: 0, xStart: 0, depth: 20, height: 56, width: 72, ...given };
  const length = block.depth * block.height * block.width;
  const voxels = { image: new Uint16Array(length), labels: new Uint32Array(length) };
  new BlockRenderer(config).render(frames[block.t] ?? new Float64Array(), block, voxels);
  return { block, ...voxels };
}

test("a voxel is the same in whichever block it is rendered", () => {
  const whole = render({ t: 1 });
  const blocks: readonly Partial<Block>[] = [
    { zStart: 7, depth: 5 },
    { yStart: 16, height: 24, xStart: 40, width: 32 },
    { zStart: 19, depth: 1, yStart: 48, height: 8, xStart: 8, width: 9 },
  ];
  for (const given of blocks) {
    const { block, image, labels } = render({ t: 1, ...given });
    let at = 0;
    for (let z = block.zStart; z < block.zStart + block.depth; z++) {
      for (let y = block.yStart; y < block.yStart + block.height; y++) {
        for (let x = block.xStart; x < block.xStart + block.width; x++) {
          const inWhole = (z * 56 + y) * 72 + x;
          assert.equal(image[at], whole.image[inWhole], `count at ${z}, ${y}, ${x}`);
          assert.equal(labels[at], whole.labels[inWhole], `label at ${z}, ${y}, ${x}`);
          at += 1;
        }
      }
    }
  }
});

test("labelled voxels are near their cell's centre, and bright", () => {
  const { image, labels } = render({ t: 0 });
  const cells = new Map([...populate(config)][0]?.map((cell) => [cell.id, cell]));
  let [bright, numInside, dark, numOutside] = [0, 0, 0, 0];
  labels.forEach((id, at) => {
    if (id === 0) {
      dark += image[at] ?? 0;
      numOutside += 1;
      return;
    }
    bright += image[at] ?? 0;
    numInside += 1;
    const cell = cells.get(id);
    assert.ok(cell, `label ${id} is a cell`);
    const place = [
      Math.floor(at / (56 * 72)) * 0.8,
      (Math.floor(at / 72) % 56) * 0.4,
      (at % 72) * 0.4,
    ];
    const distance = Math.hypot(...place.map((um, axis) => um - (cell.centreUm[axis] ?? 0)));
    assert.ok(
      distance < 1.2 * Math.max(cell.alongUm, cell.acrossUm),
      `${distance} um from cell ${id}`,
    );
  });
  assert.ok(numInside > 0.05 * labels.length && numInside < 0.6 * labels.length);
  assert.ok(bright / numInside > 1.5 * (dark / numOutside));
});

test("the point spread function keeps all light, and is longer along z than across", () => {
  const { core, halo, haloWeight } = createPsf(config);
  for (const kernel of [core.axial, core.y, core.x, halo.axial, halo.y, halo.x]) {
    const sum = kernel.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
    assert.equal(kernel.length % 2, 1);
  }
  const spreadUm = (kernel: Float64Array, stepUm: number) => {
    const radius = (kernel.length - 1) / 2;
    return Math.sqrt(
      kernel.reduce((sum, weight, i) => sum + weight * ((i - radius) * stepUm) ** 2, 0),
    );
  };
  assert.ok(spreadUm(core.axial, 0.8) > 2 * spreadUm(core.x, 0.4));
  assert.ok(haloWeight > 0 && haloWeight < 0.5);
});
