import assert from "node:assert/strict";
import { test } from "node:test";
import type { MaskingConfig } from "../../config/index.ts";
import { MaskError } from "./mask-error.ts";
import { type MaskPlace, maskGenerator } from "./mask-generator.ts";
import { type MaskGrid, validGrid } from "./mask-grid.ts";
import type { Masks } from "./masks.ts";

const config: MaskingConfig = {
  mask_mode: "RANDOM",
  random_masking_ratio: 0.75,
  num_blocks: 2,
  lateral_mask_scale: 0.25,
  axial_mask_scale: 0.5,
  temporal_mask_scale: [0.5, 0.5],
  aspect_ratio_scale_hw: [1, 1],
  time_downsample_pattern: [0, 1],
};
const movie: MaskGrid = { axes: ["T", "Z", "Y", "X"], counts: [4, 2, 6, 6] };
const space = 2 * 6 * 6;
const numTokens = 4 * space;
const numSamples = 4000;
const place: MaskPlace = {
  seed: 3,
  epoch: 1,
  batch: 2,
  samples: Array.from({ length: numSamples }, (_, i) => i),
};
const few: MaskPlace = { ...place, samples: [0, 1, 2, 3] };

type Mode = MaskingConfig["mask_mode"];
const draw = (mask_mode: Mode, at = place, grid = movie, more: Partial<MaskingConfig> = {}) =>
  maskGenerator({ ...config, mask_mode, ...more }, grid)(at);
const rowsOf = ({ masks, numTokens: N }: Masks) =>
  Array.from({ length: masks.length / N }, (_, b) => masks.subarray(b * N, (b + 1) * N));
const framesOf = (row: Uint8Array) =>
  Array.from({ length: 4 }, (_, t) => row.subarray(t * space, (t + 1) * space));
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

/** How often each of the places is hidden, over all samples. */
function timesHidden(rows: readonly Uint8Array[]): number[] {
  const times = new Array<number>(rows[0]?.length ?? 0).fill(0);
  for (const row of rows)
    for (let n = 0; n < row.length; n++) times[n] = (times[n] ?? 0) + (row[n] ?? 0);
  return times;
}

/**
 * Pearson's statistic of subsets of a fixed size, which has N - 1 degrees of freedom: its mean is
 * N - 1 and its variance 2 (N - 1). Five deviations are one failure in a million seeds.
 */
function assertEqual(rows: readonly Uint8Array[], part: number): void {
  const times = timesHidden(rows);
  const N = times.length;
  const expected = rows.length * part;
  const squares = sum(times.map((t) => (t - expected) ** 2));
  const statistic = ((N - 1) / N) * (squares / (rows.length * part * (1 - part)));
  const bound = N - 1 + 5 * Math.sqrt(2 * (N - 1));
  assert.ok(statistic < bound, `chi-square ${statistic} of ${N - 1} degrees, bound ${bound}`);
}

test("RANDOM hides every token equally often, and exactly its ratio", () => {
  const rows = rowsOf(draw("RANDOM"));
  assertEqual(rows, 0.75);
  assert.ok(rows.every((row) => sum(row) === 0.75 * numTokens));
});

test("RANDOM_SPACE_ONLY hides every place of space equally often, at all times alike", () => {
  const rows = rowsOf(draw("RANDOM_SPACE_ONLY"));
  for (const row of rows) {
    const [first, ...others] = framesOf(row);
    for (const other of others) assert.deepEqual(other, first);
    assert.equal(sum(first ?? []), 0.75 * space);
  }
  assertEqual(
    rows.map((row) => row.subarray(0, space)),
    0.75,
  );
});

/** Part of the places of a block of side s among n tokens in which token i is inside. */
const chance = (n: number, s: number) => (i: number) =>
  (Math.min(i, n - s) - Math.max(0, i - s + 1) + 1) / (n - s + 1);

test("BLOCKED with one block hides each token as often as its place says, borders less", () => {
  const rows = rowsOf(draw("BLOCKED", place, movie, { num_blocks: 1 }));
  const sides = [2, 1, 3, 3]; // 4 * 0.5, 2 * 0.5, and the root of a quarter of 6 * 6
  const times = timesHidden(rows);
  times.forEach((found, n) => {
    const at = [Math.floor(n / space), Math.floor(n / 36) % 2, Math.floor(n / 6) % 6, n % 6];
    const p = at.reduce((q, i, a) => q * chance(movie.counts[a] ?? 1, sides[a] ?? 1)(i), 1);
    const deviations = (found - p * numSamples) / Math.sqrt(numSamples * p * (1 - p));
    assert.ok(Math.abs(deviations) < 5, `token ${at}: ${found} times, expected ${p * numSamples}`);
  });
});

for (const mode of ["BLOCKED", "BLOCKED_TIME_ONLY", "BLOCKED_SPACE_ONLY"] as const) {
  test(`${mode} hides a token as often as its mirror images (fault 15 of the reference)`, () => {
    const times = timesHidden(rowsOf(draw(mode)));
    const [T, Z, Y, X] = movie.counts as [number, number, number, number];
    times.forEach((found, n) => {
      const [t, z, y, x] = [
        Math.floor(n / space),
        Math.floor(n / 36) % 2,
        Math.floor(n / 6) % 6,
        n % 6,
      ];
      const mirror = (a: number, b: number, c: number, d: number) =>
        times[((a * Z + b) * Y + c) * X + d] ?? 0;
      for (const other of [
        mirror(T - 1 - t, z, y, x),
        mirror(t, Z - 1 - z, y, x),
        mirror(t, z, Y - 1 - y, x),
        mirror(t, z, y, X - 1 - x),
      ]) {
        assert.ok(Math.abs(found - other) <= 5 * Math.sqrt(found + other), `token ${n}`);
      }
    });
  });
}

test("BLOCKED_TIME_ONLY hides whole frames, BLOCKED_SPACE_ONLY the same places at all times", () => {
  for (const row of rowsOf(draw("BLOCKED_TIME_ONLY", few))) {
    assert.ok(framesOf(row).every((frame) => [0, space].includes(sum(frame))));
  }
  for (const row of rowsOf(draw("BLOCKED_SPACE_ONLY", few))) {
    const [first, ...others] = framesOf(row);
    for (const other of others) assert.deepEqual(other, first);
  }
});

test("BLOCKED_PATTERNED hides the frames of its pattern, repeated over T", () => {
  for (const [pattern, frames] of [
    [
      [0, 1],
      [0, 1, 0, 1],
    ],
    [
      [0, 1, 1],
      [0, 1, 1, 0],
    ],
    [
      [1, 0, 0, 0, 1],
      [1, 0, 0, 0],
    ],
  ] as const) {
    const found = draw("BLOCKED_PATTERNED", few, movie, { time_downsample_pattern: pattern });
    for (const row of rowsOf(found)) {
      assert.deepEqual(
        framesOf(row).map((frame) => sum(frame) / space),
        frames,
      );
    }
  }
});

test("BLOCKED_WITH_RANDOM_FILL hides exactly its ratio, and holds a block where one fits", () => {
  for (const [ratio, hidden] of [
    [0.5, 144],
    [0.3, 86],
    [0.999, 287],
    [0.001, 1],
  ] as const) {
    const more = { random_masking_ratio: ratio };
    const rows = rowsOf(draw("BLOCKED_WITH_RANDOM_FILL", few, movie, more));
    for (const row of rows) assert.equal(sum(row), hidden);
  }
  const more = { random_masking_ratio: 19 / numTokens, num_blocks: 1 };
  for (const row of rowsOf(draw("BLOCKED_WITH_RANDOM_FILL", few, movie, more))) {
    const frames = framesOf(row).map(sum);
    assert.ok(frames.filter((count) => count >= 9).length === 2, `${frames}`); // 2 x 1 x 3 x 3, and 1
  }
});

test("BLOCKED_WITH_RANDOM_FILL hides a token as often as it lies in the block, or is drawn beside it", () => {
  const more = { num_blocks: 1 };
  const rows = rowsOf(draw("BLOCKED_WITH_RANDOM_FILL", place, movie, more));
  const inBlock = blockChances();
  const [H, S] = [0.75 * numTokens, 2 * 1 * 3 * 3]; // hidden, and in the block
  const times = timesHidden(rows);
  const worst = times.map((count, n) => {
    const chance = inBlock[n] ?? 0;
    const p = chance + ((1 - chance) * (H - S)) / (numTokens - S);
    return Math.abs(count - rows.length * p) / Math.sqrt(rows.length * p * (1 - p));
  });
  assert.ok(Math.max(...worst) < 5, `${Math.max(...worst)} deviations`);
  const [corner, middle] = [0, space + 36 + 2 * 6 + 2].map((n) => times[n] ?? 0);
  assert.ok((corner ?? 0) < (middle ?? 0), "less at the borders");
});

/** How often a block of 2 x 1 x 3 x 3 tokens covers each, over all places that it may have. */
function blockChances(): readonly number[] {
  const perAxis = movie.counts.map((count, a) => {
    const side = [2, 1, 3, 3][a] ?? 0;
    const starts = Array.from({ length: count - side + 1 }, (_, start) => start);
    return Array.from({ length: count }, (_, i) => {
      const covering = starts.filter((start) => i >= start && i < start + side);
      return covering.length / starts.length;
    });
  });
  return perAxis.reduce((all, axis) => all.flatMap((p) => axis.map((q) => p * q)), [1]);
}

const modes: readonly Mode[] = [
  "RANDOM",
  "RANDOM_SPACE_ONLY",
  "BLOCKED",
  "BLOCKED_TIME_ONLY",
  "BLOCKED_SPACE_ONLY",
  "BLOCKED_PATTERNED",
  "BLOCKED_WITH_RANDOM_FILL",
];

for (const mode of modes) {
  test(`${mode}: a padded sample hides of itself what it would alone, and lowers nobody's ratio`, () => {
    const sizes = [
      [16, 32, 96, 96],
      [12, 32, 96, 50],
      [9, 17, 96, 96],
      [16, 32, 33, 96],
    ] as const;
    const validGrids = sizes.map((size) => validGrid(movie, [4, 16, 16, 16], size));
    assert.deepEqual(
      validGrids.map(({ counts }) => counts),
      [
        [4, 2, 6, 6],
        [3, 2, 6, 4],
        [3, 2, 6, 6],
        [4, 2, 3, 6],
      ],
    );
    const masks = draw(mode, { ...few, validGrids });
    const unpadded = draw(mode, few);
    assert.equal(masks.numKept, unpadded.numKept);
    const rows = rowsOf(masks);
    assert.deepEqual(rows[0], rowsOf(unpadded)[0]);
    rows.forEach((row, b) => {
      assert.equal(sum(row), masks.numTokens - masks.numKept);
      const { counts } = validGrids[b] ?? movie;
      const inside = [...row.keys()].filter((n) => isInside(n, counts));
      const hidden = sum(inside.map((n) => row[n] ?? 0));
      assert.ok(hidden > 0 && hidden < inside.length, `sample ${b}: ${hidden} of ${inside.length}`);
      const samples = [few.samples[b] ?? 0];
      const own = { ...few, samples, validGrids: validGrids.slice(b, b + 1) };
      assert.deepEqual(draw(mode, own).masks, row, "whoever else is in its batch");
    });
  });
}

function isInside(n: number, counts: readonly number[]): boolean {
  const at = [Math.floor(n / space), Math.floor(n / 36) % 2, Math.floor(n / 6) % 6, n % 6];
  return at.every((i, a) => i < (counts[a] ?? 0));
}

test("what a padded sample of RANDOM hides is as uniform over its valid tokens, and its padding", () => {
  const valid = validGrid(movie, [4, 16, 16, 16], [12, 32, 96, 64]);
  const validGrids = place.samples.map((b) => (b % 2 === 0 ? movie : valid));
  const masks = draw("RANDOM", { ...place, validGrids });
  const rows = rowsOf(masks);
  const numHidden = masks.numTokens - masks.numKept;
  assert.equal(numHidden, 0.75 * numTokens);
  assertEqual(
    rows.filter((_, b) => b % 2 === 0),
    0.75,
  );
  const padded = rows.filter((_, b) => b % 2 === 1);
  for (const isWanted of [true, false]) {
    const places = [...(padded[0] ?? []).keys()].filter(
      (n) => isInside(n, valid.counts) === isWanted,
    );
    assertEqual(
      padded.map((row) => Uint8Array.from(places, (n) => row[n] ?? 0)),
      0.75,
    );
  }
});

for (const [mode, grid, more, sentence] of [
  [
    "BLOCKED_PATTERNED",
    movie,
    { time_downsample_pattern: [0] },
    /\[0\] hides nothing of 4 tokens along T/,
  ],
  ["BLOCKED_PATTERNED", movie, { time_downsample_pattern: [1] }, /\[1\] shows nothing of 4 tokens/],
  ["BLOCKED_PATTERNED", movie, { time_downsample_pattern: null }, /needs time_downsample_pattern/],
  [
    "BLOCKED_TIME_ONLY",
    { axes: ["Z", "Y", "X"], counts: [2, 2, 2] },
    {},
    /hides along T, and the axes are Z Y X/,
  ],
  [
    "BLOCKED_TIME_ONLY",
    { axes: ["T", "X"], counts: [1, 9] },
    {},
    /at least 2 tokens to mask, got .* T=1/,
  ],
] as const) {
  test(`${mode} is refused at once where it cannot be: ${sentence.source}`, () => {
    const act = () => maskGenerator({ ...config, mask_mode: mode, ...more }, grid);
    assert.throws(act, (error) => error instanceof MaskError && sentence.test(error.message));
  });
}

for (const mode of modes) {
  test(`${mode}: a sample with a single token, or frame, that is not padding ends no run`, () => {
    for (const size of [
      [1, 1, 1, 1],
      [1, 32, 96, 96],
      [16, 1, 1, 1],
    ] as const) {
      const valid = validGrid(movie, [4, 16, 16, 16], size);
      const validGrids = few.samples.map((b) => (b === 2 ? valid : movie));
      const masks = draw(mode, { ...few, validGrids });
      assert.equal(masks.numKept, draw(mode, few).numKept);
      for (const row of rowsOf(masks)) assert.equal(sum(row), masks.numTokens - masks.numKept);
      const row = rowsOf(masks)[2] ?? new Uint8Array();
      const inside = [...row.keys()].filter((n) => isInside(n, valid.counts));
      const hidden = sum(inside.map((n) => row[n] ?? 0));
      assert.ok(hidden < inside.length, `${size}: ${hidden} of ${inside.length}`);
      if (inside.length === 1) assert.equal(hidden, 0);
    }
  });
}

test("what to do is said by what is wrong: a pattern, a mode, or sizes", () => {
  const hintOf = (grid: MaskGrid, more: Partial<MaskingConfig>) => {
    try {
      maskGenerator({ ...config, ...more }, grid);
    } catch (error) {
      if (error instanceof MaskError) return error.hint;
    }
    return "nothing was refused";
  };
  const patterned = { mask_mode: "BLOCKED_PATTERNED" } as const;
  for (const time_downsample_pattern of [null, [0], [1]] as const) {
    assert.match(
      hintOf(movie, { ...patterned, time_downsample_pattern }),
      /time_downsample_pattern/,
    );
  }
  const stack = { axes: ["Z", "Y", "X"], counts: [2, 2, 2] };
  assert.match(hintOf(stack, { mask_mode: "BLOCKED_TIME_ONLY" }), /mask_mode/);
  assert.match(hintOf({ axes: ["X"], counts: [1] }, {}), /input larger or the patches smaller/);
});

test("all masks have the reference's names: flags, patches that are used, channels", () => {
  const masks = draw("RANDOM", few, movie, { channels_to_mask: [1] });
  assert.deepEqual(masks.channels_to_mask, [1]);
  assert.deepEqual([...masks.patches_used.subarray(0, numTokens)].map(Number), [
    ...new Array(numTokens).keys(),
  ]);
  const hidden = [...(rowsOf(masks)[1] ?? [])].flatMap((flag, n) => (flag ? [n] : []));
  const width = numTokens - masks.numKept;
  assert.deepEqual([...masks.target_masks.subarray(width, 2 * width)].map(Number), hidden);
});
