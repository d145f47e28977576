import { engine, type TensorSlot } from "./binding.ts";
import type { Device } from "./device.ts";
import { type Dtype, dtypeCode } from "./dtype.ts";
import { operators } from "./native-operator.ts";
import type { Generator } from "./random.ts";
import { TensorInPlace } from "./tensor-in-place.ts";
import { type ElementSource, slotFrom, slotOver } from "./tensor-memory.ts";
import type { Scalar } from "./tensor-pointwise.ts";

/** What a new tensor is made of: float32 on the CPU unless said otherwise. */
export interface TensorOptions {
  readonly dtype?: Dtype | undefined;
  readonly device?: Device | undefined;
  readonly requiresGrad?: boolean | undefined;
}

export interface RandomOptions extends TensorOptions {
  readonly generator?: Generator | undefined;
}

const aten = operators({
  arange: "aten::arange.start_step",
  empty: "aten::empty.memory_format",
  eye: "aten::eye",
  full: "aten::full",
  ones: "aten::ones",
  rand: "aten::rand.generator",
  randint: "aten::randint.low_generator",
  randn: "aten::randn.generator",
  randperm: "aten::randperm.generator",
  zeros: "aten::zeros",
});

/**
 * An array of numbers that libtorch owns.
 *
 * Made by the functions below, by operators and by {@link tensor}; it lives until its scope ends or
 * `release()` is called. The garbage collector does not free it.
 */
export class Tensor extends TensorInPlace {
  static zeros(shape: readonly number[], options: TensorOptions = {}): Tensor {
    return made(aten.zeros(shape, ...place(options)), options);
  }

  static ones(shape: readonly number[], options: TensorOptions = {}): Tensor {
    return made(aten.ones(shape, ...place(options)), options);
  }

  static full(shape: readonly number[], value: Scalar, options: TensorOptions = {}): Tensor {
    return made(aten.full(shape, value, ...place(options)), options);
  }

  /** Memory as it is found. */
  static empty(shape: readonly number[], options: TensorOptions = {}): Tensor {
    return made(aten.empty(shape, ...place(options)), options);
  }

  /** start, start + step, ... below `end`; float32 unless said otherwise, as everywhere. */
  static arange(
    end: number,
    {
      start = 0,
      step = 1,
      ...options
    }: TensorOptions & { readonly start?: number; readonly step?: number } = {},
  ): Tensor {
    return made(aten.arange(start, end, step, ...place(options)), options);
  }

  /** The identity matrix. */
  static eye(size: number, options: TensorOptions = {}): Tensor {
    return made(aten.eye(size, ...place(options)), options);
  }

  /** Uniform in [0, 1). */
  static rand(shape: readonly number[], options: RandomOptions = {}): Tensor {
    return made(aten.rand(shape, options.generator?.handle, ...place(options)), options);
  }

  /** Normal, with mean 0 and standard deviation 1. */
  static randn(shape: readonly number[], options: RandomOptions = {}): Tensor {
    return made(aten.randn(shape, options.generator?.handle, ...place(options)), options);
  }

  /** Integers in [low, high); int64 unless said otherwise. */
  static randint(
    low: number,
    high: number,
    shape: readonly number[],
    options: RandomOptions = {},
  ): Tensor {
    const [dtype = dtypeCode("int64"), ...rest] = place({
      ...options,
      dtype: options.dtype ?? "int64",
    });
    return made(aten.randint(low, high, shape, options.generator?.handle, dtype, ...rest), options);
  }

  /** The integers below `size` in random order; int64 unless said otherwise. */
  static randperm(size: number, options: RandomOptions = {}): Tensor {
    const dtype = options.dtype ?? "int64";
    return made(
      aten.randperm(size, options.generator?.handle, ...place({ ...options, dtype })),
      options,
    );
  }

  /**
   * A tensor with a copy of the elements, row-major.
   *
   * The dtype is that of the typed array, and float32 for an array of numbers; with another `dtype`
   * the elements are converted, and fractions are cut off for integers. Complex elements are pairs
   * (re, im).
   *
   * @throws {@link TensorSourceError} for a number in an array that the dtype cannot hold,
   *   {@link ShapeError} when the shape has another number of elements.
   */
  static from(
    elements: ElementSource,
    options: TensorOptions & { readonly shape?: readonly number[] | undefined } = {},
  ): Tensor {
    return made(slotFrom(elements, options), options);
  }

  /**
   * A CPU tensor over the buffer's own memory, without a copy: both see what either writes.
   *
   * The buffer stays alive as long as the tensor, a view of it, or a graph needs it, and it cannot
   * be transferred to another thread any more. Share a SharedArrayBuffer instead.
   *
   * @throws {@link TensorSourceError} for a part that is not in the buffer, or a buffer that can be
   *   resized.
   */
  static over(
    buffer: ArrayBuffer | SharedArrayBuffer,
    options: {
      readonly shape: readonly number[];
      readonly dtype: Dtype;
      readonly byteOffset?: number;
    },
  ): Tensor {
    return new Tensor(slotOver(buffer, options));
  }

  protected override wrap(slot: TensorSlot): Tensor {
    return new Tensor(slot);
  }

  protected override itself(): Tensor {
    return this;
  }
}

/** dtype, layout and device, as every factory operator takes them in this order. */
function place({ dtype = "float32", device }: TensorOptions): readonly unknown[] {
  return [dtypeCode(dtype), undefined, device];
}

function made(slot: TensorSlot, { requiresGrad = false }: TensorOptions): Tensor {
  if (requiresGrad) engine().setRequiresGrad(slot, true);
  return new Tensor(slot);
}
