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
  TorchVersionError,
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
  /** The number by which to remove it. */
  addGradReadyHook(leaf: TensorSlot, callback: () => void): number;
  removeGradReadyHook(leaf: TensorSlot, hook: number): void;

  makeGenerator(seed: number | bigint, device: string): Opaque;
  defaultGenerator(device: string): Opaque;
  seedGenerator(generator: Opaque, seed: number | bigint): void;
  generatorSeed(generator: Opaque): number | bigint;
  generatorState(generator: Opaque): TensorSlot;
  setGeneratorState(generator: Opaque, state: TensorSlot): void;
  manualSeed(seed: number | bigint): void;

  installAllocator(isCaching: boolean, maxCachedBytes: number, limitBytes: number): void;
  memoryStats(device: string): [live: number, peak: number, reserved: number, allocations: number];
  /** What the machine and its control groups could still give; files are read from below `root`. */
  availableBytes(root: string): number;
  liveBytes(): number;
  resetPeak(device: string): void;
  emptyCache(device: string): void;

  startProfiler(path: string, hasShapes: boolean, hasCuda: boolean): void;
  stopProfiler(path: string): void;

  lockPages(bytes: Uint8Array): Opaque;
  unlockPages(lock: Opaque): void;
  /** Empty when they are. */
  whyNotLocked(lock: Opaque): string;
  makeCopyStream(device: string): Opaque;
  makeEvent(device: string): Opaque;
  copyToDevice(
    target: TensorSlot,
    source: TensorSlot,
    stream: Opaque,
    after: Opaque | null,
    copied: Opaque,
  ): void;
  recordEvent(event: Opaque): void;
  awaitEvent(event: Opaque): void;
  isEventPassed(event: Opaque): boolean;

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
  torchConfig(): string;
  cpuCapability(): string;
  numOperators(): number;
}

interface TorchLoader {
  /** The version of the libtorch whose headers the addons were compiled with. */
  readonly compiledFor: string;
  loadLibrary(path: string): void;
  /** What the loaded libtorch says that it is; undefined when it does not say. */
  torchVersion(): string | undefined;
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

/** The libtorch that this process runs on: where it is, and the version that it says itself. */
export function torchFolder(): TorchFolder {
  loaded ??= loadEngine();
  return loaded.torch;
}

function loadEngine(): { native: NativeEngine; torch: TorchFolder } {
  const environment = readEnvironment();
  const folder = locateTorch(environment);
  const build = environment.build ?? projectBuild;
  const require = createRequire(import.meta.url);
  // libtorch first, by its absolute path: the addon then finds it by name, wherever it is.
  const library = join(folder.path, "lib", "libtorch_cpu.so");
  const { version, compiledFor } = attempt(library, () => {
    const loader = require(join(build, "torch-loader.node")) as TorchLoader;
    loader.loadLibrary(library);
    const version = loader.torchVersion() ?? "an unknown version";
    return { version, compiledFor: loader.compiledFor };
  });
  if (version !== compiledFor) throw new TorchVersionError(version, compiledFor, folder.path);
  const native = attempt(library, () => require(join(build, "engine.node")) as NativeEngine);
  native.setErrorFactory(makeError);
  native.setSizesArray(sizesRead);
  native.setTorchLibraries(join(folder.path, "lib"));
  native.installAllocator(
    environment.allocator === "caching",
    environment.cacheLimitBytes,
    environment.memoryLimitBytes,
  );
  return { native, torch: { ...folder, version } };
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
