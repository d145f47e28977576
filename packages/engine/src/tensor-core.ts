import { engine, sizesRead, type TensorSlot } from "./binding.ts";
import type { Device } from "./device.ts";
import { type Dtype, dtypeCode, dtypeOfCode, dtypeTraits, type TypedArray } from "./dtype.ts";
import { DtypeError } from "./errors.ts";
import { type AxisOf, sizes } from "./sizes.ts";
import type { Tensor } from "./tensor.ts";

/** What a tensor is, what it holds, and how long it lives. The operators are in the classes above. */
export abstract class TensorCore {
  /** The number by which the native table knows the tensor. */
  readonly slot: TensorSlot;

  constructor(slot: TensorSlot) {
    this.slot = slot;
  }

  /** A tensor object for a slot. */
  protected abstract wrap(slot: TensorSlot): Tensor;

  get shape(): readonly number[] {
    const shape: number[] = [];
    const numAxes = engine().readSizes(this.slot);
    for (let axis = 0; axis < numAxes; axis += 1) shape.push(sizesRead[axis] ?? 0);
    return shape;
  }

  /** How many elements of memory lie between neighbours, for each axis. */
  get strides(): readonly number[] {
    return engine().strides(this.slot);
  }

  /** Number of axes. */
  get ndim(): number {
    return engine().numAxes(this.slot);
  }

  /** Number of elements. */
  get numel(): number {
    return engine().numElements(this.slot);
  }

  /** @throws {@link DtypeError} for a type that JavaScript cannot name, such as a quantized one. */
  get dtype(): Dtype {
    return dtypeOfCode(engine().dtype(this.slot));
  }

  get device(): Device {
    return engine().deviceName(this.slot) as Device;
  }

  get isContiguous(): boolean {
    return engine().isContiguous(this.slot);
  }

  get requiresGrad(): boolean {
    return engine().requiresGrad(this.slot);
  }

  /** The gradient that backward passes have accumulated, as a new tensor object; null before. */
  get grad(): Tensor | null {
    const slot = engine().getGrad(this.slot);
    return slot === null ? null : this.wrap(slot);
  }

  /** Whether the tensor was released, by `release()` or by the end of its scope. */
  get isReleased(): boolean {
    return !engine().isLive(this.slot);
  }

  /**
   * Names the axes and checks the known sizes: `x.sizes("B N D", { D: 768 })`.
   *
   * @throws {@link ShapeError}
   */
  sizes<S extends string>(
    axes: S,
    known: Partial<Record<AxisOf<S>, number>> = {},
  ): Record<AxisOf<S>, number> {
    return sizes(this.shape, axes, known);
  }

  setRequiresGrad(on: boolean): this {
    engine().setRequiresGrad(this.slot, on);
    return this;
  }

  /** Replaces the accumulated gradient; null forgets it. */
  setGrad(gradient: Tensor | null): void {
    engine().setGrad(this.slot, gradient === null ? null : gradient.slot);
  }

  /** Lets go of the tensor now. Its memory is freed once no view and no graph needs it. */
  release(): void {
    engine().release(this.slot);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /**
   * The value of a tensor with one element; a bigint for an integer beyond 2^53.
   *
   * @throws {@link EngineError} with more elements, {@link DtypeError} for a complex number.
   */
  item(): number | bigint | boolean {
    const value = engine().item(this.slot);
    if (typeof value === "object") {
      throw new DtypeError("item", "a real number; viewAsReal(x) has both parts", this.dtype);
    }
    return value;
  }

  /**
   * A copy of the elements, row-major.
   *
   * float16 and bfloat16 come as Float32Array, int64 as BigInt64Array, uint64 as BigUint64Array,
   * bool as Uint8Array, complex numbers as pairs (re, im).
   */
  data(): TypedArray {
    const { readAs, array } = dtypeTraits(this.dtype);
    const copy = array(this.numel);
    engine().copyOut(
      this.slot,
      dtypeCode(readAs),
      new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength),
    );
    return copy;
  }

  /**
   * The memory itself of a contiguous CPU tensor, without a copy: what is written here, the tensor
   * has. The memory lives as long as the array or the tensor does, and can not be resized any more.
   *
   * @throws {@link EngineError} when the tensor is not contiguous, or not on the CPU.
   */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(engine().bytes(this.slot));
  }
}
