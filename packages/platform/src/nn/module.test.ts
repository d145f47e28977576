import assert from "node:assert/strict";
import { autocast, Generator, liveBytes, Tensor } from "@cell-observatory/engine";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { buffer, parameter } from "./parameter.ts";
import { StateDictError } from "./state-dict-error.ts";

class Leaf extends Module {
  readonly firstScale = parameter(Tensor.ones([2]));
  readonly runningMean = buffer(Tensor.zeros([2]));
  readonly table = buffer(Tensor.zeros([3]), { isSaved: false });
  readonly freqs = parameter(Tensor.ones([4]), { neverNarrows: true });
  readonly notes = { text: "neither tensor nor module" };
}

class Tree extends Module {
  readonly innerLeaf = new Leaf();
  readonly layers: readonly Module[] = [
    new Linear({ inputs: 2, outputs: 3 }, new Generator(0)),
    new Linear({ inputs: 3, outputs: 1, hasBias: false }, new Generator(1)),
  ];
  readonly nothing = null;
}

const names = [
  "inner_leaf.first_scale",
  "inner_leaf.running_mean",
  "inner_leaf.freqs",
  "layers.0.weight",
  "layers.0.bias",
  "layers.1.weight",
];

tensorTest("a tensor is named by the path of fields to it, in snake case", () => {
  using tree = new Tree();
  assert.deepEqual([...tree.stateDict().keys()], names);
  assert.deepEqual([...tree.namedBuffers().keys()], [names[1], "inner_leaf.table"]);
  assert.deepEqual([...tree.modules().keys()], ["", "inner_leaf", "layers.0", "layers.1"]);
  assert.equal(tree.numParameters(), 2 + 4 + 6 + 3 + 3);
});

tensorTest("a shared tensor is listed once, under its first name", () => {
  class Tied extends Module {
    readonly encoder = new Leaf();
    readonly decoder = this.encoder;
  }
  using tied = new Tied();
  assert.deepEqual([...tied.namedParameters().keys()], ["encoder.first_scale", "encoder.freqs"]);
});

tensorTest("eval and train reach every module below", () => {
  using tree = new Tree();
  const states = () => [...tree.modules().values()].map(({ isTraining }) => isTraining);
  assert.deepEqual(states(), [true, true, true, true]);
  tree.eval();
  assert.deepEqual(states(), [false, false, false, false]);
  tree.train();
  assert.deepEqual(states(), [true, true, true, true]);
});

tensorTest("a state goes from one module to another, bit for bit", () => {
  using from = new Tree();
  using to = new Tree();
  for (const tensor of from.stateDict().values()) tensor.detach().normal_(0, 1, new Generator(7));
  const report = to.loadStateDict(from.stateDict());
  assert.deepEqual(report, { missing: [], unexpected: [], mismatched: [] });
  for (const [name, tensor] of from.stateDict()) {
    assert.deepEqual(to.stateDict().get(name)?.data(), tensor.data(), name);
  }
});

tensorTest("a state that does not fit is refused with a table, and nothing is copied", () => {
  using tree = new Tree();
  const state = new Map(tree.stateDict());
  state.delete("layers.1.weight");
  state.set("layers.0.bias", Tensor.ones([4]));
  state.set("inner_leaf.freqs", Tensor.ones([4], { dtype: "bfloat16" }));
  state.set("inner_leaf.first_scale", Tensor.full([2], 9));
  state.set("head.weight", Tensor.ones([1]));
  const act = () => tree.loadStateDict(state);
  assert.throws(act, StateDictError);
  assert.throws(act, {
    code: "STATE_DICT",
    message:
      "the state does not fit the model: 1 missing, 1 unexpected, 2 of another shape or dtype\n" +
      "  inner_leaf.freqs  expected float32 [4], got bfloat16 [4]\n" +
      "  layers.0.bias     expected float32 [3], got float32 [4]\n" +
      "  layers.1.weight   missing\n" +
      "  head.weight       unexpected",
  });
  assert.deepEqual([...tree.innerLeaf.firstScale.data()], [1, 1]);
});

tensorTest("a state that is not strict may lack names, and says which", () => {
  using tree = new Tree();
  const state = new Map([["inner_leaf.first_scale", Tensor.full([2], 9)]]);
  const { missing } = tree.loadStateDict(state, { isStrict: false });
  assert.deepEqual(missing, names.slice(1));
  assert.deepEqual([...tree.innerLeaf.firstScale.data()], [9, 9]);
});

tensorTest("a module in bfloat16 keeps what must not lose bits, and still trains", () => {
  using tree = new Tree().to({ dtype: "bfloat16" });
  const dtypes = [...tree.stateDict()].map(([name, { dtype }]) => `${name} ${dtype}`);
  assert.deepEqual(
    dtypes.filter((line) => line.endsWith("float32")),
    ["inner_leaf.freqs float32"],
  );
  assert.ok(tree.parameters().every(({ requiresGrad }) => requiresGrad));
  assert.ok(tree.parameters().every((tensor) => !tensor.isReleased));
  tree.to({ dtype: "float64" });
  assert.equal(tree.innerLeaf.freqs.dtype, "float64");
});

tensorTest("a module outlives the scope that it was made in, and ends with its disposal", () => {
  const before = liveBytes();
  const tree = new Tree();
  autocast({ enabled: false }, () => assert.ok(liveBytes() > before));
  tree[Symbol.dispose]();
  assert.equal(liveBytes(), before);
});
