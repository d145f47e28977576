// The engine's face: tensors on libtorch, and what owns, differentiates and counts them.

export { type AutocastOptions, autocast } from "./autocast.ts";
export {
  type BackwardOptions,
  backward,
  enableGrad,
  type GradOptions,
  grad,
  isGradEnabled,
  noGrad,
  onGradReady,
} from "./autograd.ts";
export { CopyStream, DeviceEvent } from "./copy-stream.ts";
export { cudaDeviceCount, type Device, synchronize } from "./device.ts";
export { type Dtype, dtypes, type TypedArray } from "./dtype.ts";
export { type EngineInfo, engineInfo } from "./engine-info.ts";
export {
  AsyncScopeError,
  CellError,
  DtypeError,
  EngineArgumentError,
  EngineEnvironmentError,
  EngineError,
  EngineMissingError,
  OutOfMemoryError,
  ShapeError,
  StaleTensorError,
  TensorSourceError,
  TorchVersionError,
  UncheckedOperatorError,
} from "./errors.ts";
export {
  type AdamWNumbers,
  type AdamWTensors,
  type AddNormOptions,
  type AttentionKernelOptions,
  adamW_,
  addLayerNorm,
  addRmsNorm,
  attention,
  attentionQkv,
  type LayerNormWeights,
  layerNorm,
  linear,
  type MlpWeights,
  mlpGelu,
  mlpSwiglu,
  type NormWeights,
  rmsNorm,
  type SumAndNorm,
  type Turn,
} from "./kernels.ts";
export { emptyCache, type MemoryStats, memoryStats, resetPeak } from "./memory.ts";
export { type Opaque, type OperatorName, op, uncheckedOp } from "./op.ts";
export { PageLock } from "./page-lock.ts";
export { type ProfileOptions, profile } from "./profiler.ts";
export { defaultGenerator, Generator, manualSeed } from "./random.ts";
export { keep, liveBytes, liveTensors, scope } from "./scope.ts";
export { type AxisOf, sizes } from "./sizes.ts";
export { type RandomOptions, Tensor, type TensorOptions } from "./tensor.ts";
export { cat, type Nested, stack, tensor, where } from "./tensor-functions.ts";
export type { AttentionOptions, ConvOptions, InterpolateMode } from "./tensor-nn.ts";
export type { Scalar } from "./tensor-pointwise.ts";
export type { Axes } from "./tensor-reduce.ts";
export { getNumThreads, setNumThreads } from "./threads.ts";
