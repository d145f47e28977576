import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, scope, tensor } from "@cell-observatory/engine";
import { matchedIou, pairwiseIou } from "./box-iou.ts";

const unit = [0, 0, 0, 1, 1, 1];

test("IoU and GIoU are those worked out by hand", () => {
  scope(() => {
    const b = tensor([unit, [0.5, 0, 0, 1.5, 1, 1], [2, 0, 0, 3, 1, 1], [0, 0, 0, 1, 1, 2]]);
    const { iou, giou } = pairwiseIou(tensor([unit]), b);
    assert.deepEqual([...iou.data()], [1, Math.fround(1 / 3), 0, 0.5]);
    assert.deepEqual([...giou.data()], [1, Math.fround(1 / 3), Math.fround(-1 / 3), 0.5]);
  });
});

test("degenerate boxes give numbers, and gradients (fault 53 of the reference)", () => {
  scope(() => {
    const point = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
    const inverted = [1, 1, 1, 0, 0, 0];
    const a = tensor([point, point, inverted, unit]).setRequiresGrad(true);
    const { iou, giou } = matchedIou(a, tensor([point, unit, inverted, point]));
    assert.ok([...iou.data(), ...giou.data()].every((value) => Number.isFinite(Number(value))));
    assert.deepEqual([...iou.data()], [0, 0, 0, 0]);
    backward(giou.sum());
    assert.ok([...(a.grad?.data() ?? [Number.NaN])].every((value) => Number.isFinite(value)));
  });
});

test("pairs and matched boxes agree, in both orders of axes", () => {
  scope(() => {
    const [a, b] = [tensor([unit, [0, 1, 2, 4, 4, 4]]), tensor([[0, 0, 0, 2, 3, 4], unit])];
    const all = pairwiseIou(a, b).giou;
    const turned = pairwiseIou(
      a.indexSelect(1, tensor([2, 1, 0, 5, 4, 3]).to({ dtype: "int64" })),
      b.indexSelect(1, tensor([2, 1, 0, 5, 4, 3]).to({ dtype: "int64" })),
    ).giou;
    assert.deepEqual([...turned.data()], [...all.data()]);
    const matched = matchedIou(a, b).giou.data();
    assert.deepEqual([...matched], [all.data()[0], all.data()[3]]);
  });
});
