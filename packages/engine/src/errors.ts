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
