import assert from "node:assert/strict";
import { ShapeError, Tensor } from "@cell-observatory/engine";
import fc from "fast-check";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { patchify, unpatchify } from "./patchify.ts";
import { type TokenGridConfig, tokenGrid } from "./token-grid.ts";

const count = (...shape: number[]) =>
  Tensor.arange(shape.reduce((a, b) => a * b, 1)).reshape(shape);

tensorTest("a patch holds its own voxels, z slowest and x fastest", () => {
  const grid = tokenGrid({ input_fmt: "ZYXC", input_shape: [2, 2, 4, 1], patch_shape: [2, 2, 2] });
  const patches = patchify(count(1, 2, 2, 4, 1), grid);
  assert.deepEqual([...patches.select(1, 0).data()], [0, 1, 4, 5, 8, 9, 12, 13]);
});

tensorTest("the channel is the fastest of all", () => {
  const grid = tokenGrid({ input_fmt: "YXC", input_shape: [2, 2, 2], patch_shape: [1, 2] });
  const patches = patchify(count(1, 2, 2, 2), grid);
  assert.deepEqual([...patches.data()], [0, 1, 2, 3, 4, 5, 6, 7]);
});

const anyInput = fc
  .constantFrom("TZYXC" as const, "ZYXC" as const, "TYXC" as const, "YXC" as const)
  .chain((input_fmt) => {
    const small = fc.integer({ min: 1, max: 3 });
    const axes = fc.array(small, {
      minLength: input_fmt.length - 1,
      maxLength: input_fmt.length - 1,
    });
    return fc.record({
      input_fmt: fc.constant(input_fmt),
      counts: axes,
      patch_shape: axes,
      C: small,
    });
  })
  .map(({ counts, patch_shape, C, input_fmt }): TokenGridConfig => {
    const sizes = counts.map((n, a) => n * (patch_shape[a] ?? 1));
    return { input_fmt, patch_shape, input_shape: [...sizes, C] };
  });

tensorTest("unpatchify undoes patchify, for every layout and size", () => {
  fc.assert(
    fc.property(anyInput, (config) => {
      const grid = tokenGrid(config);
      const video = count(2, ...config.input_shape);
      const patches = patchify(video, grid);
      assert.deepEqual(patches.shape, [2, grid.numTokens, grid.patchVoxels]);
      assert.deepEqual(unpatchify(patches, grid).data(), video.data());
    }),
    { numRuns: 50 },
  );
});

tensorTest("a video of other sizes is refused, by name of axis", () => {
  const grid = tokenGrid({ input_fmt: "ZYXC", input_shape: [2, 2, 4, 1], patch_shape: [1, 2, 2] });
  const act = () => patchify(count(1, 2, 3, 4, 1), grid);
  assert.throws(act, ShapeError);
  assert.throws(act, /expected shape \[B Z=2 Y=2 X=4 C=1\], got \[1, 2, 3, 4, 1\]/);
});
