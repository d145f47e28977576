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
  test(`${mode}: tokens in padding are seen, never targets, and rows stay equally long`, () => {
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
    const rows = rowsOf(masks);
    rows.forEach((row, b) => {
      const { counts } = validGrids[b] ?? movie;
      assert.equal(sum(row), masks.numTokens - masks.numKept);
      row.forEach((flag, n) => {
        const at = [Math.floor(n / space), Math.floor(n / 36) % 2, Math.floor(n / 6) % 6, n % 6];
        const isValid = at.every((i, a) => i < (counts[a] ?? 0));
        assert.ok(isValid || flag === 0, `sample ${b}, token ${at}`);
      });
    });
    const alone = draw(mode, { ...few, samples: [1], validGrids: validGrids.slice(1, 2) });
    const ofStep = { validGrids: validGrids.slice(1, 2), validGridsOfStep: validGrids };
    const onARank = draw(mode, { ...few, samples: [1], ...ofStep });
    assert.deepEqual(onARank.masks, rows[1], "the same on any number of ranks");
    assert.ok(sum(alone.masks) >= sum(onARank.masks));
  });
}

test("what a padded sample of RANDOM hides is as uniform over its valid tokens", () => {
  const valid = validGrid(movie, [4, 16, 16, 16], [12, 32, 96, 64]);
  const validGrids = place.samples.map((b) => (b % 2 === 0 ? movie : valid));
  const masks = draw("RANDOM", { ...place, validGrids });
  const rows = rowsOf(masks);
  const numHidden = masks.numTokens - masks.numKept;
  assert.equal(numHidden, 0.75 * 3 * 2 * 6 * 4);
  assertEqual(
    rows.filter((_, b) => b % 2 === 0),
    numHidden / numTokens,
  );
  const padded = rows.filter((_, b) => b % 2 === 1);
  const inside = [...(padded[0] ?? []).keys()].filter((n) => n % 6 < 4 && n < 3 * space);
  assertEqual(
    padded.map((row) => Uint8Array.from(inside, (n) => row[n] ?? 0)),
    0.75,
  );
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

test("a sample of a single token that is not padding is refused, by its sizes", () => {
  const validGrids = few.samples.map((b) =>
    b === 2 ? validGrid(movie, [4, 16, 16, 16], [1, 1, 1, 1]) : movie,
  );
  assert.throws(
    () => draw("RANDOM", { ...few, validGrids }),
    /a sample with tokens of T=1 Z=1 Y=1 X=1/,
  );
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
