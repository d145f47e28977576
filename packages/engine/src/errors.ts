/**
 * The errors of the engine, and the class that every error of the project extends.
 *
 * This file loads no native code, so that a program without libtorch can import it as
 * `@cell-observatory/engine/errors`.
 */

/** Every error we throw on purpose. `code` is stable and documented; `hint` says what to do next. */
export abstract class CellError extends Error {
  abstract readonly code: string;
  abstract readonly hint: string;
  override get name(): string {
    return this.code;
  }
}

/** A tensor does not have the axes that a function asked for. */
export class ShapeError extends CellError {
  readonly code = "SHAPE";
  readonly hint = "Print x.shape just before the call, and compare it with the expected axes.";
  readonly expected: string;
  readonly actual: readonly number[];

  constructor(expected: string, actual: readonly number[], cause?: unknown) {
    super(`expected shape [${expected}], got [${actual.join(", ")}]`, { cause });
    this.expected = expected;
    this.actual = actual;
  }
}

/** A tensor has a dtype that a function cannot work with. */
export class DtypeError extends CellError {
  readonly code = "DTYPE";
  readonly hint = 'Convert it first, e.g. x.to({ dtype: "float32" }).';
  readonly actual: string;

  constructor(where: string, expected: string, actual: string) {
    super(`${where}: expected ${expected}, got ${actual}`);
    this.actual = actual;
  }
}

/** libtorch refused a call. `operator` is empty where no single operator was called. */
export class EngineError extends CellError {
  readonly code: string = "ENGINE";
  readonly hint: string =
    "Compare the arguments' shapes and dtypes with the operator's in PyTorch.";
  readonly operator: string;
  /** What was passed, e.g. `self=float32[4, 4]`. */
  readonly args: readonly string[];

  constructor(operator: string, message: string, args: readonly string[]) {
    const call = args.length === 0 ? "" : `\n  called with ${args.join(", ")}`;
    super(`${operator}${operator === "" ? "" : ": "}${message}${call}`);
    this.operator = operator;
    this.args = args;
  }
}

/** An argument is of a kind that the operator's schema does not allow. */
export class EngineArgumentError extends EngineError {
  override readonly code = "ENGINE_ARGUMENT";
  override readonly hint = "Look the operator up in ops.gen.ts: its type has the schema.";
}

/** An operator trusts its caller so far that wrong arguments could end the process. */
export class UncheckedOperatorError extends CellError {
  readonly code = "UNCHECKED_OPERATOR";
  readonly hint = "Use the public operator that calls it; or uncheckedOp(), where you know better.";
  readonly operator: string;

  constructor(operator: string, reason: string) {
    super(`${operator} ${reason}`);
    this.operator = operator;
  }
}

/** A tensor was used after it was released, outside its scope, or in another thread. */
export class StaleTensorError extends EngineError {
  override readonly code = "STALE_TENSOR";
  override readonly hint = "Return it from scope(), or call keep(), if it must live longer.";
}

/** The machine, or the limit in CELLO_MEMORY_LIMIT_BYTES, has no room for a tensor. */
export class OutOfMemoryError extends EngineError {
  override readonly code = "OUT_OF_MEMORY";
  override readonly hint =
    "Use a smaller batch, open a scope around the loop's body, or free the cache with emptyCache().";
}

/** A function given to scope(), noGrad() or autocast() is asynchronous; they end before it would. */
export class AsyncScopeError extends CellError {
  readonly code = "ASYNC_SCOPE";
  readonly hint = "Await outside, and put only the synchronous work inside.";

  constructor(where: string) {
    super(`${where} expects a function that returns a value, got one that returns a promise`);
  }
}

/** A buffer's memory, or a list of numbers, cannot be a tensor's. */
export class TensorSourceError extends CellError {
  readonly code = "TENSOR_SOURCE";
  readonly hint =
    "Compare the buffer or the numbers with the shape and dtype that they are to have.";
}

/** An environment variable of the engine has a value that it cannot have. */
export class EngineEnvironmentError extends CellError {
  readonly code = "ENGINE_ENVIRONMENT";
  readonly hint = "Correct the variable, or unset it; packages/engine/README.md lists them.";

  constructor(variable: string, expected: string, actual: string) {
    super(`${variable}: expected ${expected}, got "${actual}"`);
  }
}

/** The native engine, or libtorch, is not there or does not load. */
export class EngineMissingError extends CellError {
  readonly code = "ENGINE_MISSING";
  readonly hint = "Run `npm run setup`; `npm run cello -- doctor` says what is missing.";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`the engine did not load from ${path}: ${reason}`, { cause });
    this.path = path;
  }
}

/** The libtorch that was found is not of the version that the engine was built for. */
export class TorchVersionError extends CellError {
  readonly code = "TORCH_VERSION";
  readonly hint: string;
  readonly found: string;
  readonly wanted: string;
  readonly path: string;

  constructor(found: string, wanted: string, path: string) {
    super(`expected libtorch ${wanted}, found ${found} in ${path}`);
    this.found = found;
    this.wanted = wanted;
    this.path = path;
    this.hint = `Unset CELLO_TORCH, or install torch==${wanted} there; then run \`npm run setup\`.`;
  }
}
