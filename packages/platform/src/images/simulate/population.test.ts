import assert from "node:assert/strict";
import { test } from "node:test";
import { MovieConfig } from "./movie-config.ts";
import { populate } from "./population.ts";

const config = MovieConfig.parse({ shape: [30, 48, 96, 96, 1], seed: 4, cycle_frames: 20 });
const frames = [...populate(config)];

test("the same seed gives the same cells, another seed others", () => {
  assert.deepEqual([...populate(config)], frames);
  assert.notDeepEqual([...populate({ ...config, seed: 5 })][0], frames[0]);
});

test("an id is one cell from its birth to its division, and its mother is gone", () => {
  const lastSeen = new Map<number, number>();
  let numDivisions = 0;
  frames.forEach((cells, t) => {
    const ids = cells.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { id, parent } of cells) {
      const before = lastSeen.get(id);
      if (before !== undefined) {
        assert.equal(before, t - 1, `cell ${id} was away`);
      } else if (parent !== 0) {
        numDivisions += 1;
        assert.equal(lastSeen.get(parent), t - 1, `the mother of ${id} was there until then`);
        assert.equal(
          cells.filter((other) => other.parent === parent && !lastSeen.has(other.id)).length,
          2,
        );
      }
    }
    for (const { id } of cells) lastSeen.set(id, t);
  });
  assert.ok(numDivisions > 20, `${numDivisions} births`);
});

test("cells move, but by less than their own size from frame to frame", () => {
  let moved = 0;
  for (let t = 1; t < frames.length; t++) {
    const before = new Map(frames[t - 1]?.map((cell) => [cell.id, cell]));
    for (const cell of frames[t] ?? []) {
      const then = before.get(cell.id);
      if (!then) continue;
      const distance = Math.hypot(
        ...cell.centreUm.map((um, axis) => um - (then.centreUm[axis] ?? 0)),
      );
      assert.ok(distance < 2 * cell.acrossUm, `cell ${cell.id} jumped ${distance} um`);
      moved += distance;
    }
  }
  assert.ok(moved > 0);
});

test("light bleaches from the first frame to the last", () => {
  const mean = (t: number) => {
    const cells = frames[t] ?? [];
    return cells.reduce((sum, { photons }) => sum + photons, 0) / cells.length;
  };
  assert.ok(mean(29) < 0.95 * mean(0));
});

test("cycles that are shorter than frames can follow are refused", () => {
  assert.equal(MovieConfig.safeParse({ cycle_frames: 0.4 }).success, false);
  const { cycle_frames } = MovieConfig.parse({ cycle_frames: 2 });
  assert.equal(cycle_frames, 2);
});

test("a movie with room for more cells than memory holds is refused before one is placed", () => {
  const huge = MovieConfig.parse({ shape: [1, 1, 1, Number.MAX_SAFE_INTEGER, 1] });
  assert.throws(() => populate(huge).next(), {
    code: "DATA_SIMULATION",
    message: /has room for .* cells, more than 5e\+6 are refused/,
  });
});
