import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readEnvironment } from "./environment.ts";
import {
  EngineArgumentError,
  EngineError,
  EngineMissingError,
  OutOfMemoryError,
  StaleTensorError,
} from "./errors.ts";
import { locateTorch, type TorchFolder } from "./locate-torch.ts";

/** A slot of the native tensor table: index and generation in one number. Stale slots throw. */
declare const slot: unique symbol;
export type TensorSlot = number & { readonly [slot]: true };

/** A native object that JavaScript only hands around: a generator, packed weights. */
declare const opaque: unique symbol;
export interface Opaque {
  readonly [opaque]: true;
}

/** An operator: arguments in the schema's order, tensors as slots, undefined for a default. */
export type NativeOperator = (...args: readonly unknown[]) => unknown;

/** An operator's schema. Types are written as libtorch writes them; "!" marks what is written to. */
export interface NativeOperatorTypes {
  readonly names: readonly string[];
  readonly inputs: readonly string[];
  readonly presence: readonly ("required" | "optional")[];
  readonly outputs: readonly string[];
  /** Whether it is called with C++ types, and not boxed. */
  readonly isTyped: boolean;
}

/** Everything JavaScript may ask of the native engine. No other file loads the addon. */
export interface NativeEngine {
  operator(name: string): NativeOperator;
  /** The names of all operators, with their overloads, sorted. */
  operators(): string[];
  operatorTypes(name: string): NativeOperatorTypes;
  setErrorFactory(make: (kind: string, op: string, message: string, args: string[]) => Error): void;

  pushScope(): number;
  popScope(depth: number, kept: readonly TensorSlot[]): void;
  keep(x: TensorSlot): void;
  release(x: TensorSlot): void;
  isLive(x: TensorSlot): boolean;
  liveTensors(): number;

  setSizesArray(sizes: Float64Array): void;
  /** Writes the sizes into the array of `setSizesArray`, and returns how many there are. */
  readSizes(x: TensorSlot): number;
  strides(x: TensorSlot): number[];
  numAxes(x: TensorSlot): number;
  numElements(x: TensorSlot): number;
  dtype(x: TensorSlot): number;
  deviceName(x: TensorSlot): string;
  isContiguous(x: TensorSlot): boolean;
  requiresGrad(x: TensorSlot): boolean;
  setRequiresGrad(x: TensorSlot, on: boolean): void;
  item(x: TensorSlot): number | bigint | boolean | { readonly re: number; readonly im: number };

  fromBytes(
    bytes: Uint8Array,
    dtype: number,
    shape: readonly number[],
    device?: string,
  ): TensorSlot;
  overBytes(bytes: Uint8Array, dtype: number, shape: readonly number[]): TensorSlot;
  copyOut(x: TensorSlot, dtype: number, bytes: Uint8Array): void;
  bytes(x: TensorSlot): ArrayBuffer;

  backward(
    outputs: readonly TensorSlot[],
    gradients: readonly (TensorSlot | null)[],
    inputs: readonly TensorSlot[],
    retainGraph: boolean,
    createGraph: boolean,
  ): void;
  grad(
    outputs: readonly TensorSlot[],
    gradients: readonly (TensorSlot | null)[],
    inputs: readonly TensorSlot[],
    retainGraph: boolean,
    createGraph: boolean,
  ): (TensorSlot | null)[];
  getGrad(x: TensorSlot): TensorSlot | null;
  setGrad(x: TensorSlot, gradient: TensorSlot | null): void;
  isGradEnabled(): boolean;
  setGradEnabled(on: boolean): boolean;
  setGradReadyHook(x: TensorSlot, callback: (() => void) | null): void;

  makeGenerator(seed: number | bigint, device: string): Opaque;
  defaultGenerator(device: string): Opaque;
  seedGenerator(generator: Opaque, seed: number | bigint): void;
  generatorSeed(generator: Opaque): number | bigint;
  generatorState(generator: Opaque): TensorSlot;
  setGeneratorState(generator: Opaque, state: TensorSlot): void;
  manualSeed(seed: number | bigint): void;

  installAllocator(isCaching: boolean, maxCachedBytes: number, limitBytes: number): void;
  memoryStats(device: string): [live: number, peak: number, reserved: number, allocations: number];
  liveBytes(): number;
  resetPeak(device: string): void;
  emptyCache(device: string): void;

  startProfiler(hasShapes: boolean, hasCuda: boolean): void;
  stopProfiler(path: string): void;

  setTorchLibraries(folder: string): void;
  cudaDeviceCount(): number;
  synchronize(device: string): void;
  getNumThreads(): number;
  setNumThreads(count: number): void;
  setAutocast(
    device: string,
    isEnabled: boolean,
    dtype: number,
  ): [isEnabled: number, dtype: number];
  nestAutocast(by: 1 | -1): void;
  torchVersion(): string;
  torchConfig(): string;
  cpuCapability(): string;
  numOperators(): number;
}

interface TorchLoader {
  loadLibrary(path: string): void;
}

const projectBuild = fileURLToPath(new URL("../../../.cello/build/engine", import.meta.url));

/** What {@link NativeEngine.readSizes} has written. */
export const sizesRead = new Float64Array(64);

let loaded: { readonly native: NativeEngine; readonly torch: TorchFolder } | undefined;

/** The native engine of this thread; the first call loads libtorch. */
export function engine(): NativeEngine {
  loaded ??= loadEngine();
  return loaded.native;
}

/** The libtorch that this process runs on. */
export function torchFolder(): TorchFolder {
  loaded ??= loadEngine();
  return loaded.torch;
}

function loadEngine(): { native: NativeEngine; torch: TorchFolder } {
  const environment = readEnvironment();
  const torch = locateTorch(environment);
  // libgomp reads it once, when libtorch is loaded. By default its threads spin while they wait for
  // each other; where cores are shared with other work, a training step then took 2 to 10 times as long.
  process.env.OMP_WAIT_POLICY ??= "PASSIVE";
  const build = environment.build ?? projectBuild;
  const require = createRequire(import.meta.url);
  // libtorch first, by its absolute path: the addon then finds it by name, wherever it is.
  const library = join(torch.path, "lib", "libtorch_cpu.so");
  const native = attempt(library, () => {
    (require(join(build, "torch-loader.node")) as TorchLoader).loadLibrary(library);
    return require(join(build, "engine.node")) as NativeEngine;
  });
  native.setErrorFactory(makeError);
  native.setSizesArray(sizesRead);
  native.setTorchLibraries(join(torch.path, "lib"));
  native.installAllocator(
    environment.allocator === "caching",
    environment.cacheLimitBytes,
    environment.memoryLimitBytes,
  );
  return { native, torch };
}

function attempt<T>(path: string, load: () => T): T {
  try {
    return load();
  } catch (cause) {
    throw new EngineMissingError(path, cause);
  }
}

function makeError(kind: string, op: string, message: string, args: string[]): Error {
  switch (kind) {
    case "STALE_TENSOR":
      return new StaleTensorError(op, message, args);
    case "ARGUMENT":
      return new EngineArgumentError(op, message, args);
    case "OUT_OF_MEMORY":
      return new OutOfMemoryError(op, message, args);
    default:
      return new EngineError(op, message, args);
  }
}
