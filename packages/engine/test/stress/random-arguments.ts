import type { NativeOperatorTypes } from "../../src/binding.ts";
import { type Dtype, dtypes, Generator, Tensor } from "../../src/index.ts";

/** A stream of integers that is the same for the same seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer in [0, below). */
  roll(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.roll(values.length)] as T;
  }

  /** True once in `n` rolls. */
  once(n: number): boolean {
    return this.roll(n) === 0;
  }
}

/** Arguments for an operator: mostly of the right kind, with values that nobody expects. */
export function randomArguments(dice: Dice, { inputs }: NativeOperatorTypes): unknown[] {
  // Most calls use one dtype and one shape, so that they get past the first checks.
  const common = { dtype: dice.pick(likelyDtypes), shape: dice.pick(shapes) };
  const count = dice.once(20) ? dice.roll(inputs.length + 2) : inputs.length;
  return Array.from({ length: count }, (_, i) => randomValue(dice, inputs[i] ?? "Any", common));
}

interface Common {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

const shapes: readonly (readonly number[])[] = [
  [],
  [0],
  [1],
  [3],
  [2, 3],
  [3, 3],
  [4, 4],
  [0, 3],
  [1, 0, 2],
  [2, 3, 4],
  [1, 2, 4, 4],
  [2, 4, 3, 5, 4],
  [1, 1, 1, 1, 1, 1, 1],
  [33, 65],
  [2000],
];
const likelyDtypes: readonly Dtype[] = [
  "float32",
  "float32",
  "float32",
  "float64",
  "int64",
  ...dtypes,
];
const integers: readonly (number | bigint)[] = [
  0,
  1,
  2,
  3,
  -1,
  0,
  1,
  2,
  1,
  -2,
  4,
  5,
  7,
  16,
  100,
  -100,
  1_000_003,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 40,
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const numbers = [0, 1, -1, 0.5, 2, 1e-8, 1e30, -0, Number.NaN, Infinity, -Infinity];
const words = [
  "none",
  "tanh",
  "mean",
  "sum",
  "constant",
  "reflect",
  "replicate",
  "circular",
  "",
  "i,j->ij",
  "floor",
  "trunc",
  "same",
  "valid",
  "max",
  "left",
  "x".repeat(300),
  "ü",
];
const junk: readonly unknown[] = [
  undefined,
  null,
  "word",
  {},
  [],
  () => 1,
  Symbol("s"),
  5n,
  Number.NaN,
  [null],
  [[1]],
  new Uint8Array(2),
  true,
];

function randomValue(dice: Dice, type: string, common: Common): unknown {
  if (dice.once(60)) return dice.pick(junk);
  const [, bare = "", isOptional] = /^(.*?)(\?)?!?$/.exec(type) ?? [];
  if (isOptional !== undefined) {
    return dice.once(2) ? dice.pick([undefined, null]) : randomValue(dice, bare, common);
  }
  if (bare.endsWith("[]")) {
    const length = dice.pick([0, 1, 2, 2, 3, 3, 4, 5, dice.roll(9)]);
    return Array.from({ length }, () => randomValue(dice, bare.slice(0, -2), common));
  }
  switch (bare) {
    case "Tensor":
      return randomTensor(dice, common);
    case "int":
    case "SymInt":
      return dice.pick(integers);
    case "float":
      return dice.pick(numbers);
    case "bool":
    case "SymBool":
      return dice.once(2);
    case "Scalar":
      return dice.pick([...integers, ...numbers, true, { re: 1, im: -1 }]);
    case "str":
      return dice.pick(words);
    case "ScalarType":
      return dice.pick(dtypes);
    case "Layout":
      return dice.pick(["strided", "strided", "strided", "sparse_coo", "sparse_csr", "jagged"]);
    case "MemoryFormat":
      return dice.pick(["contiguous", "preserve", "channels_last", "channels_last_3d"]);
    case "Device":
      return dice.pick(["cpu", "cpu", "cpu", "meta", "cuda:0", "nowhere"]);
    case "Generator":
      return new Generator(0);
    default:
      return dice.pick(junk);
  }
}

function randomTensor(dice: Dice, common: Common): Tensor {
  const shape = dice.once(3) ? dice.pick(shapes) : common.shape;
  const dtype = dice.once(4) ? dice.pick(dtypes) : common.dtype;
  const x = filled(dice, shape, dtype);
  if (dice.once(50)) x.release();
  else if (dice.once(10) && shape.length > 1) return x.transpose(0, -1);
  else if (dice.once(20)) return x.unsqueeze(0).expand([2, ...shape]);
  else if (dice.once(6) && /^(float|bfloat|complex)/.test(dtype)) x.setRequiresGrad(true);
  return x;
}

function filled(dice: Dice, shape: readonly number[], dtype: Dtype): Tensor {
  switch (dice.roll(6)) {
    case 0:
      return Tensor.zeros(shape, { dtype });
    case 1:
      return Tensor.ones(shape, { dtype });
    case 2: {
      const value = dice.pick([-1, 2, 100, -(2 ** 31), 2 ** 40, Number.NaN, Infinity]);
      return Tensor.full(shape, value, { dtype: "float64" }).to({ dtype });
    }
    default:
      return Tensor.randint(-2, 5, shape, { dtype: "int64" }).to({ dtype });
  }
}
