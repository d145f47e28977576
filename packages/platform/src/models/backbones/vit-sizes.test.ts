import assert from "node:assert/strict";
import { test } from "node:test";
import { vitSizes } from "./vit-sizes.ts";

for (const [name, size] of Object.entries(vitSizes)) {
  test(`${name} has heads of even width, in the encoder and in both predictors`, () => {
    const { embed_dim, num_heads, mae, jepa } = size;
    const pairs = [
      [embed_dim, num_heads],
      [mae.decoder_embed_dim, mae.decoder_num_heads],
      [jepa.decoder_embed_dim, jepa.decoder_num_heads],
    ] as const;
    for (const [width, heads] of pairs) assert.equal((width / heads) % 2, 0, `${width}/${heads}`);
  });

  test(`${name} has an MLP of a whole number of channels`, () => {
    const hidden = size.embed_dim * size.mlp_ratio;
    assert.ok(Math.abs(hidden - Math.round(hidden)) < 1e-9, `${hidden}`);
  });
}

test("the sizes are those that users know", () => {
  assert.deepEqual(
    Object.keys(vitSizes).join(" "),
    "tiny small base large huge 2billion 6billion giant gigantic enormous",
  );
  const { embed_dim, depth, num_heads, mae } = vitSizes.small;
  assert.deepEqual([embed_dim, depth, num_heads], [384, 12, 6]);
  assert.deepEqual(Object.values(mae), [192, 6, 6]);
});
