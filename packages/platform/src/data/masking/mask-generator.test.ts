import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MaskingConfig } from "../../config/index.ts";
import { MaskError } from "./mask-error.ts";
import { type MaskPlace, maskGenerator } from "./mask-generator.ts";
import type { MaskGrid } from "./mask-grid.ts";
import type { Masks } from "./masks.ts";
import { randomMasking as config } from "./random-masking.fixture.ts";

const blocked: MaskingConfig = { ...config, mask_mode: "BLOCKED" };
const volume: MaskGrid = { axes: ["Z", "Y", "X"], counts: [4, 8, 8] };
const place: MaskPlace = { seed: 1, epoch: 2, batch: 3, samples: [10, 11, 12, 13] };

const rows = (flat: BigInt64Array, { numSamples }: Masks) => {
  const width = flat.length / numSamples;
  return Array.from({ length: numSamples }, (_, b) =>
    [...flat.subarray(b * width, (b + 1) * width)].map(Number),
  );
};

const ascending = (list: readonly number[]) => list.toSorted((x, y) => x - y);

const anyConfig = fc.record({
  mask_mode: fc.constantFrom(
    "RANDOM" as const,
    "BLOCKED" as const,
    "BLOCKED_WITH_RANDOM_FILL" as const,
  ),
  random_masking_ratio: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  num_blocks: fc.integer({ min: 1, max: 5 }),
  lateral_mask_scale: fc.double({ min: 0, max: 1, noNaN: true }),
  axial_mask_scale: fc.constantFrom<number | [number, number]>(0, 0.5, 1, [0.2, 0.9]),
  temporal_mask_scale: fc.constantFrom<number | [number, number]>(0, 1, [0.5, 1]),
  aspect_ratio_scale_hw: fc.constant([0.2, 5] as const),
});
const anyGrid = fc
  .subarray(["T", "Z", "Y", "X"], { minLength: 1 })
  .chain((axes) =>
    fc.record({
      axes: fc.constant(axes),
      counts: fc.tuple(...axes.map(() => fc.integer({ min: 1, max: 6 }))),
    }),
  )
  .filter(({ counts }) => counts.reduce((a, b) => a * b, 1) >= 2);
const anyPlace = fc.record({
  seed: fc.nat(),
  epoch: fc.nat(1000),
  batch: fc.nat(1000),
  samples: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
});

test("every token is either kept or hidden, in all modes, grids and samples", () => {
  fc.assert(
    fc.property(anyConfig, anyGrid, anyPlace, (options, grid, at) => {
      const masks = maskGenerator(options, grid)(at);
      const numTokens = grid.counts.reduce((a, b) => a * b, 1);
      const [keep, hidden, restore] = [
        masks.context_masks,
        masks.target_masks,
        masks.original_patch_indices,
      ].map((flat) => rows(flat, masks));
      assert.equal(masks.numTokens, numTokens);
      for (const b of at.samples.keys()) {
        const [kept, masked, places] = [keep?.[b] ?? [], hidden?.[b] ?? [], restore?.[b] ?? []];
        assert.ok(kept.length === masks.numKept && kept.length >= 1 && masked.length >= 1);
        const order = [...kept, ...masked];
        const inOrder = places.map((at) => order[at]);
        assert.deepEqual(ascending(order), [...order.keys()]);
        assert.deepEqual(ascending(kept), kept);
        assert.deepEqual(ascending(masked), masked);
        assert.deepEqual(inOrder, [...order.keys()]);
      }
    }),
    { numRuns: 300 },
  );
});

test("padded rows hide as many tokens as others, whatever the mode, the grid and the padding", () => {
  const anyPart = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(anyConfig, anyGrid, anyPlace, fc.array(anyPart), (options, grid, at, parts) => {
      const { axes, counts } = grid;
      const validGrids = at.samples.map((_, b) => {
        const valid = counts.map((n, a) => Math.max(1, Math.round(n * (parts[b]?.[a] ?? 1))));
        return valid.some((n) => n > 1) ? { axes, counts: valid } : grid;
      });
      const generator = maskGenerator(options, grid);
      const masks = generator({ ...at, validGrids });
      assert.equal(masks.numKept, generator(at).numKept);
      for (const hidden of rows(masks.target_masks, masks)) {
        assert.equal(new Set(hidden).size, masks.numTokens - masks.numKept);
      }
    }),
    { numRuns: 300 },
  );
});

test("a place gives the same masks each time, whoever else is in the batch", () => {
  for (const options of [config, blocked]) {
    const generator = maskGenerator(options, volume);
    const all = generator(place);
    assert.deepEqual(generator(place), all);
    const last = generator({ ...place, samples: [13] });
    assert.deepEqual(rows(last.context_masks, last)[0], rows(all.context_masks, all)[3]);
  }
});

test("another seed, epoch or sample gives another mask", () => {
  for (const options of [config, blocked]) {
    const generator = maskGenerator(options, volume);
    const found = [
      place,
      { ...place, seed: 5 },
      { ...place, epoch: 5 },
      { ...place, samples: [20, 21, 22, 23] },
    ].map((at) => generator(at).context_masks.join());
    assert.equal(new Set(found).size, found.length);
    const masks = generator(place);
    assert.equal(new Set(rows(masks.context_masks, masks).map(String)).size, place.samples.length);
  }
});

test("RANDOM hides exactly its ratio of the tokens", () => {
  const cases = [
    { ratio: 0.75, counts: [4, 8, 8], hidden: 192 },
    { ratio: 0.9, counts: [10], hidden: 9 }, // 10 * (1 - 0.9) is a little less than 1
    { ratio: 0.7, counts: [10], hidden: 7 },
    { ratio: 0.999, counts: [10], hidden: 9 },
    { ratio: 0.001, counts: [10], hidden: 1 },
  ];
  for (const { ratio, counts, hidden } of cases) {
    const options = { ...config, random_masking_ratio: ratio };
    const masks = maskGenerator(options, { axes: ["Z", "Y", "X"].slice(-counts.length), counts });
    const { numTokens, numKept } = masks(place);
    assert.equal(numTokens - numKept, hidden, `ratio ${ratio} of ${counts}`);
  }
});

test("BLOCKED hides the same fraction at both ends of the grid (fault 15 of the reference)", () => {
  const masks = maskGenerator(
    blocked,
    volume,
  )({
    ...place,
    samples: Array.from({ length: 3000 }, (_, i) => i),
  });
  const half = masks.numTokens / 2;
  const late = masks.target_masks.filter((n) => Number(n) >= half).length;
  assert.ok(
    Math.abs(late / masks.target_masks.length - 0.5) < 0.01,
    `${late} of ${masks.target_masks.length}`,
  );
});

test("BLOCKED hides one whole block where there is one", () => {
  const options = { ...blocked, num_blocks: 1, aspect_ratio_scale_hw: [1, 1] as const };
  const masks = maskGenerator({ ...options, lateral_mask_scale: 0.25 }, volume)(place);
  assert.equal(masks.target_masks.length, place.samples.length * 2 * 4 * 4);
  for (const hidden of rows(masks.target_masks, masks)) {
    const along = [64, 8, 1].map((stride, a) => {
      const count = volume.counts[a] ?? 1;
      return new Set(hidden.map((n) => Math.floor(n / stride) % count)).size;
    });
    assert.deepEqual(along, [2, 4, 4]);
  }
});

test("BLOCKED leaves most hidden tokens among hidden neighbours", () => {
  const touching = (options: MaskingConfig) => {
    const masks = maskGenerator(options, volume)(place);
    const counts = rows(masks.target_masks, masks).map((hidden) => {
      const set = new Set(hidden);
      return hidden.filter((n) => n % 8 === 7 || set.has(n + 1)).length / hidden.length;
    });
    return counts.reduce((a, b) => a + b) / counts.length;
  };
  const { numTokens, numKept } = maskGenerator(blocked, volume)(place);
  const random = { ...config, random_masking_ratio: 1 - numKept / numTokens };
  assert.ok(touching(blocked) > touching(random) + 0.2, `${touching(blocked)} ${touching(random)}`);
});

test("axial_mask_scale is the depth and lateral_mask_scale the area of a block", () => {
  const options = { ...blocked, num_blocks: 1, aspect_ratio_scale_hw: [1, 1] as const };
  const hidden = (axial: number, lateral: number) =>
    maskGenerator(
      { ...options, axial_mask_scale: axial, lateral_mask_scale: lateral },
      volume,
    )({ ...place, samples: [0] }).target_masks.length;
  assert.equal(hidden(0.25, 0.25), 1 * 4 * 4);
  assert.equal(hidden(1, 0.25), 4 * 4 * 4);
  assert.equal(hidden(0.25, 1), 1 * 8 * 8);
});

test("a grid of one token is refused, by its sizes", () => {
  const act = () => maskGenerator(config, { axes: ["Y", "X"], counts: [1, 1] });
  assert.throws(act, MaskError);
  assert.throws(act, /expected at least 2 tokens to mask, got a grid of Y=1 X=1/);
});
